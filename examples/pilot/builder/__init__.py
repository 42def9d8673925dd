# The parts of the script that builds the pilot list and the sandbox's world; start reading at ../build.py.

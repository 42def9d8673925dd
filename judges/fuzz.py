# Lets the property-based fuzzer ask the sandbox whatever HubSpot's description allows; same seed, same questions, limited time.
import re
import subprocess
import sys

FUZZER, DOCUMENT, URL, TOKEN, PATHS, LOG = sys.argv[1:7]
CHECKS = "not_a_server_error,response_schema_conformance,status_code_conformance"
# One worker: with two, CPython 3.11 breaks inside its own parser ("AST constructor recursion depth mismatch").
command = [
    FUZZER, "run", DOCUMENT, "--url", URL, "--header", f"Authorization: Bearer {TOKEN}", "--include-path-regex", PATHS,
    "--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "12", "--seed", "17",
    "--generation-deterministic", "--continue-on-failure", "--request-timeout", "10", "--no-color", "--workers", "1",
]
try:
    told = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
except subprocess.TimeoutExpired:
    sys.exit("the fuzzer did not come to an end within three minutes")
with open(LOG, "w", encoding="utf-8") as file:
    file.write(told.stdout + told.stderr)
if told.returncode:
    print(told.stdout[-6000:], told.stderr[-2000:])
    sys.exit(f"the fuzzer objects; all of it is in {LOG}")
cases = re.search(r"([\d,]+) generated", told.stdout)
operations = re.search(r"Selected: (\d+)", told.stdout)
print(f"judged: {cases[1] if cases else '?'} cases on {operations[1] if operations else '?'} operations")

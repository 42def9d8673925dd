# Makes HubSpot's API description one document for the judges: merged by the script beside it, then repaired where it is known wrong.
import json
import subprocess
import sys

SCRIPT, OUT, *REST = sys.argv[1:]
subprocess.run([sys.executable, SCRIPT, OUT, *REST], check=True)
with open(OUT, encoding="utf-8") as file:
    document = json.load(file)
repaired = 0
for name, schema in document["components"]["schemas"].items():
    sub_category = schema.get("properties", {}).get("subCategory")
    # Described as an object; HubSpot sends text such as `crm.associations.NO_ASSOCIATIONS_FOUND`.
    if name.endswith("__StandardError") and sub_category and sub_category.get("type") == "object":
        schema["properties"]["subCategory"] = {"type": "string"}
        repaired += 1
# The file of 2026-09 was written before the release and forgot 207, which the files of v3 and 2026-03 have.
for path, methods in document["paths"].items():
    answers = methods.get("post", {}).get("responses", {})
    if path.startswith("/crm/properties/") and path.endswith(("/batch/create", "/batch/read")) and "207" not in answers:
        answers["207"] = answers["200"]
        repaired += 1
with open(OUT, "w", encoding="utf-8") as file:
    json.dump(document, file)
print(f"{repaired} places repaired")

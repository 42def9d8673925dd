# Plays the judges' scenario against a sandbox with HubSpot's new SDK for Python (an alpha that speaks 2026-03).
import json
import sys
import urllib.request

import hubspot_sdk
from hubspot_sdk import HubSpot

BASE, TOKEN, REFRESH = sys.argv[1:4]
client = HubSpot(access_token=TOKEN, base_url=BASE, max_retries=0)
contacts = client.crm.objects.contacts
checks = 0


def check(fact, holds, seen):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"{fact}: saw {seen}")


def order(fault):
    request = urllib.request.Request(
        f"{BASE}/__sandbox/fault", json.dumps(fault).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request).read()


def person(key, first):
    return {"judge_key": key, "email": f"{key}@acme-judge.com", "firstname": first, "lastname": "Zoë-Straße"}


client.crm.properties.groups.create("contacts", name="judges", label="Judges", display_order=-1)
for name, label, unique in [("judge_key", "Judge key", True), ("judge_note", "Judge note", False)]:
    client.crm.properties.create(
        "contacts", name=name, label=label, description="Made by a judge", group_name="judges", type="string",
        field_type="text", has_unique_value=unique, display_order=-1, hidden=False, form_field=False,
    )
judge_key = client.crm.properties.get("judge_key", object_type="contacts")
check("a created property is read back", judge_key.has_unique_value and judge_key.label == "Judge key", judge_key)

anna = contacts.create(associations=[], properties=person("anna", "Anna"))
check("a contact is created", anna.properties["email"] == "anna@acme-judge.com", anna)
try:
    contacts.create(associations=[], properties={"email": "anna@acme-judge.com"})
    status = 200
except hubspot_sdk.ConflictError as error:
    status = error.status_code
check("a duplicate is a conflict", status == 409, status)
bert = contacts.create(associations=[], properties=person("bert", "Bert"))

read = contacts.batch.get(
    inputs=[{"id": anna.id}, {"id": "999999999"}], properties=["email"], properties_with_history=[]
)
errors = getattr(read, "num_errors", None) or (read.model_extra or {}).get("numErrors")
check("a batch read tells the missing id", len(read.results) == 1 and errors == 1, read)

upserted = contacts.batch.upsert(inputs=[
    {"id": "anna", "idProperty": "judge_key", "properties": {"judge_key": "anna", "jobtitle": "Head of Sales"}},
    {"id": "cleo", "idProperty": "judge_key", "properties": person("cleo", "Cleo")},
])
fresh = {one.properties["judge_key"]: one.new for one in upserted.results}
check("an upsert tells new from known", fresh == {"anna": False, "cleo": True}, fresh)

found = contacts.search(
    filter_groups=[{"filters": [{"propertyName": "email", "operator": "EQ", "value": "anna@acme-judge.com"}]}],
    sorts=[], properties=["email", "jobtitle"], limit=10, after="0",
)
check("the search finds her", found.total == 1 and found.results[0].properties["jobtitle"] == "Head of Sales", found)

firm = client.crm.objects.companies.create(
    associations=[], properties={"name": "Acme Judge", "domain": "firm-judge.com"}
)
# The default link; the SDK's own raw call, because the typed one moves between alphas.
client.put(f"/crm/objects/2026-03/contacts/{anna.id}/associations/default/companies/{firm.id}", cast_to=object)
links = client.get(f"/crm/objects/2026-03/contacts/{anna.id}/associations/companies", cast_to=object)
check("the link is read back", firm.id in [str(one["toObjectId"]) for one in links["results"]], links)

owners = sorted(client.crm.owners.list().results, key=lambda owner: int(owner.id))
check("there are owners", owners, owners)
contacts.update(anna.id, properties={"hubspot_owner_id": owners[0].id})

dora = contacts.create(associations=[], properties={**person("dora", "Dora"), "phone": "+49 30 123456"})
merged = contacts.merge(primary_object_id=bert.id, object_id_to_merge=dora.id)
kept = contacts.get(dora.id, properties=["firstname", "phone"])
check("the merged id leads to the survivor", kept.id == merged.id and kept.properties["firstname"] == "Bert", kept)

tokens = client.post("/oauth/2026-03/token", cast_to=object, body={
    "grant_type": "refresh_token", "client_id": "sandbox-client-id", "client_secret": "sandbox-client-secret",
    "refresh_token": REFRESH,
}, options={"headers": {"content-type": "application/x-www-form-urlencoded"}})
renewed = HubSpot(access_token=tokens["access_token"], base_url=BASE, max_retries=0)
renewed.crm.objects.contacts.update(anna.id, properties={"city": "Köln"})
check("the renewed token is taken", tokens["access_token"] not in ("", TOKEN), "no token")

order({"kind": "429", "route_prefix": "/crm/", "count": 1})
patient = HubSpot(access_token=TOKEN, base_url=BASE, max_retries=3)
late = patient.crm.objects.contacts.update(anna.id, properties={"judge_note": "after a refusal"})
check("a 429 is repeated", late.properties["judge_note"] == "after a refusal", late)

print(f"judged: {checks} facts")

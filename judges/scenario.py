# Plays the judges' scenario against a sandbox with HubSpot's own client for Python.
import json
import sys
import urllib.request

from hubspot import HubSpot
from urllib3.util.retry import Retry

BASE, TOKEN, REFRESH = sys.argv[1:4]
client = HubSpot(access_token=TOKEN, host=BASE)
contacts = client.crm.contacts
checks = 0


def check(fact, holds, seen):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"{fact}: saw {seen}")


def refused(call):
    """The status that a call is refused with."""
    try:
        call()
    except Exception as error:  # each generated package has its own exception
        return getattr(error, "status", None) or repr(error)
    return 200


def order(fault):
    request = urllib.request.Request(
        f"{BASE}/__sandbox/fault", json.dumps(fault).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request).read()


def person(key, first):
    return {"judge_key": key, "email": f"{key}@acme-judge.com", "firstname": first, "lastname": "Zoë-Straße"}


def create(properties, api=contacts.basic_api):
    return api.create({"properties": properties, "associations": []})


client.crm.properties.groups_api.create("contacts", {"name": "judges", "label": "Judges", "displayOrder": -1})
for name, label, unique in [("judge_key", "Judge key", True), ("judge_note", "Judge note", False)]:
    client.crm.properties.core_api.create("contacts", {
        "name": name, "label": label, "description": "Made by a judge", "groupName": "judges", "type": "string",
        "fieldType": "text", "hasUniqueValue": unique, "displayOrder": -1, "hidden": False, "formField": False,
    })
judge_key = client.crm.properties.core_api.get_by_name("contacts", "judge_key")
check("a created property is read back", judge_key.has_unique_value and judge_key.label == "Judge key", judge_key)

anna = create(person("anna", "Anna"))
check("a contact is created", anna.properties["email"] == "anna@acme-judge.com", anna)
status = refused(lambda: create({"email": "anna@acme-judge.com"}))
check("a duplicate is a conflict", status == 409, status)
bert = create(person("bert", "Bert"))

read = contacts.batch_api.read(
    {"inputs": [{"id": anna.id}, {"id": "999999999"}], "properties": ["email"], "propertiesWithHistory": []}
)
check("a batch read tells the missing id", type(read).__name__.endswith("WithErrors") and read.num_errors == 1, read)

upserted = contacts.batch_api.upsert({"inputs": [
    {"id": "anna", "idProperty": "judge_key", "properties": {"judge_key": "anna", "jobtitle": "Head of Sales"}},
    {"id": "cleo", "idProperty": "judge_key", "properties": person("cleo", "Cleo")},
]})
fresh = {one.properties["judge_key"]: one.new for one in upserted.results}
check("an upsert tells new from known", fresh == {"anna": False, "cleo": True}, fresh)

found = contacts.search_api.do_search({
    "filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ", "value": "anna@acme-judge.com"}]}],
    "sorts": [], "properties": ["email", "jobtitle"], "limit": 10, "after": "0",
})
check("the search finds her", found.total == 1 and found.results[0].properties["jobtitle"] == "Head of Sales", found)

firm = create({"name": "Acme Judge", "domain": "firm-judge.com"}, client.crm.companies.basic_api)
client.crm.associations.v4.basic_api.create_default("contacts", anna.id, "companies", firm.id)
links = client.crm.associations.v4.basic_api.get_page("contacts", anna.id, "companies")
check("the link is read back", firm.id in [str(one.to_object_id) for one in links.results], links)

owners = sorted(client.crm.owners.owners_api.get_page().results, key=lambda owner: int(owner.id))
check("there are owners", owners, owners)
contacts.basic_api.update(anna.id, {"properties": {"hubspot_owner_id": owners[0].id}})

dora = create({**person("dora", "Dora"), "phone": "+49 30 123456"})
merged = contacts.basic_api.merge({"primaryObjectId": bert.id, "objectIdToMerge": dora.id})
kept = contacts.basic_api.get_by_id(dora.id, properties=["firstname", "phone"])
check("the merged id leads to the survivor", kept.id == merged.id and kept.properties["firstname"] == "Bert", kept)

tokens = client.oauth.tokens_api.create(
    grant_type="refresh_token", client_id="sandbox-client-id", client_secret="sandbox-client-secret",
    refresh_token=REFRESH,
)
renewed = HubSpot(access_token=tokens.access_token, host=BASE)
renewed.crm.contacts.basic_api.update(anna.id, {"properties": {"city": "Köln"}})
check("the renewed token is taken", tokens.access_token not in ("", TOKEN), "no token")

order({"kind": "429", "route_prefix": "/crm/", "count": 1})
again = Retry(total=3, status_forcelist=(429,), allowed_methods=None, backoff_factor=0.3)
patient = HubSpot(access_token=TOKEN, host=BASE, retry=again)
late = patient.crm.contacts.basic_api.update(anna.id, {"properties": {"judge_note": "after a refusal"}})
check("a 429 is repeated", late.properties["judge_note"] == "after a refusal", late)

print(f"judged: {checks} facts")

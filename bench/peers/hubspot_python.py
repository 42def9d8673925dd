# The peer of `bench hubspot`: the same job by HubSpot's official Python client, in its documented way.
"""Takes the portal's address, its token, and the lists as CSV; prints seconds, calls, refusals and peak memory as JSON.

`load LIST` only creates every row (the contacts of the first run; not measured). `sync LIST` is the job: read the current values
with history in batches of 50, leave a property alone where a person wrote last, create what is new and update what differs in
batches of 100, one call after the other, with the client's own `Retry` on 429. It keeps no ledger, shows no plan, looks at nothing
again before or after it writes, and cannot be undone: it is the shortest script that respects people's edits at all.
"""
import csv
import json
import sys
import time

from hubspot import HubSpot
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchReadInputSimplePublicObjectId,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectId,
)
from urllib3.util.retry import Retry

PEOPLE = ("CRM_UI", "MOBILE_IOS", "MOBILE_ANDROID")
NAMES = {
    "First Name": "firstname", "Last Name": "lastname", "Email": "email", "Job Title": "jobtitle", "Phone": "phone",
    "City": "city", "LinkedIn URL": "hs_linkedin_url", "Country": "country",
}


class CountingRetry(Retry):
    """The documented retry on 429; counts what it had to wait out."""

    refused = 0

    def increment(self, *args, response=None, **kwargs):
        if response is not None and response.status == 429:
            CountingRetry.refused += 1
        return super().increment(*args, response=response, **kwargs)


def batches(rows, size):
    for at in range(0, len(rows), size):
        yield rows[at:at + size]


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as text:
        return [{NAMES[name]: value for name, value in row.items() if name in NAMES and value} for row in csv.DictReader(text)]


def create(api, rows):
    calls = 0
    for batch in batches(rows, 100):
        inputs = [SimplePublicObjectBatchInputForCreate(properties=row, associations=[]) for row in batch]
        api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
        calls += 1
    return calls


def sync(api, rows):
    wanted = {row["email"]: row for row in rows}
    names, new, changed, reads = sorted(set(NAMES.values())), [], [], 0
    for batch in batches(rows, 50):
        answer = api.read(BatchReadInputSimplePublicObjectId(
            id_property="email", inputs=[SimplePublicObjectId(id=row["email"]) for row in batch], properties=names,
            properties_with_history=names,
        ))
        reads += 1
        found = set()
        for record in answer.results:
            email = record.properties["email"]
            found.add(email)
            changes = {}
            for name, value in wanted[email].items():
                history = (record.properties_with_history or {}).get(name) or []
                by_person = bool(history) and history[0].source_type in PEOPLE
                if record.properties.get(name) != value and not by_person:
                    changes[name] = value
            if changes:
                changed.append((record.id, changes))
        new.extend(row for row in batch if row["email"] not in found)
    updates = 0
    for batch in batches(changed, 100):
        inputs = [SimplePublicObjectBatchInput(id=id, properties=changes) for id, changes in batch]
        api.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs))
        updates += 1
    creates = create(api, new)
    return {"created": len(new), "updated": len(changed),
            "calls": {"batch/read": reads, "batch/update": updates, "batch/create": creates}}


def peak_mib():
    try:  # getrusage would count the memory of the process that started us
        with open("/proc/self/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return None


deed, base_url, token, path = sys.argv[1:5]
retry = CountingRetry(total=12, status_forcelist=(429, 500, 502, 503, 504), backoff_factor=0.3, allowed_methods=None)
api = HubSpot(access_token=token, retry=retry, host=base_url).crm.contacts.batch_api
start = time.monotonic()
rows = rows_of(path)
done = {"calls": {"batch/create": create(api, rows)}} if deed == "load" else sync(api, rows)
done["seconds"] = time.monotonic() - start
done["refused_429"] = CountingRetry.refused
done["peak_mib"] = peak_mib()
print(json.dumps(done))

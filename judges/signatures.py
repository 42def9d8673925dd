# Lets both official signature helpers sign deliveries, fixed and random ones, and asks our verifier what it thinks of each.
import json
import random
import subprocess
import sys

from hubspot.utils.signature import Signature

OURS, NODE_SCRIPT = sys.argv[1:3]
ESCAPES = {"%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
           "%2A": "*", "%2C": ",", "%3B": ";"}
BODY = ('[{"eventId":1,"portalId":7,"subscriptionType":"contact.propertyChange","objectId":123,'
        '"propertyName":"firstname","propertyValue":"Zoë"}]')
KNOWN = [
    ("POST", "https://hooks.example.com/hubspot?tenant=a", BODY, "kgdGFDnH5JJH/vD1nSIEiS+P34WMcRbMsTkN3Kblu5c="),
    ("GET", "https://hooks.example.com/card?email=a@b.co", "", "ByvB8XiPlRQVSdSQm/zn33bV3Tv6fRgbblOleVJEISM="),
]


def delivery(method, uri, body, secret="test-secret-0001", timestamp="1790000000000"):
    return {"secret": secret, "method": method, "uri": uri, "body": body, "timestamp": timestamp}


def decoded(uri):
    """The form that HubSpot signs. The official helpers leave this step to their caller."""
    for escape, plain in ESCAPES.items():
        uri = uri.replace(escape, plain)
    return uri


def by_node(cases):
    text = "".join(json.dumps(case) + "\n" for case in cases)
    told = subprocess.run(["node", NODE_SCRIPT], input=text, capture_output=True, text=True, check=True)
    return told.stdout.split()


def by_python(cases):
    return [Signature.get_signature(case["secret"], case["body"], "v3", case["uri"], case["method"], case["timestamp"])
            for case in cases]


def by_ours(cases):
    text = "".join(json.dumps(case) + "\n" for case in cases)
    told = subprocess.run([OURS, "signatures"], input=text, capture_output=True, text=True, check=True)
    return told.stdout.split()


chance = random.Random(17)
letters = "abcäöüßéñ漢字🙂 \"\\{}[]:,\n\t0123456789"
cases = [delivery(method, uri, body) for method, uri, body, _ in KNOWN]
escaped = []
for number in range(200):
    body = "".join(chance.choice(letters) for _ in range(chance.randrange(0, 120)))
    query = "".join(chance.choice(["a", "7", "%20", "%C3%A4", "%25", "%26", "&x=", "@"]) for _ in range(8))
    uri = f"https://hooks.example.com/h{number}?q={query}"
    secret = "".join(chance.choice("abcdef0123456789-ü") for _ in range(36))
    case = delivery(chance.choice(["POST", "GET", "PUT"]), uri, body, secret, str(1790000000000 + number))
    cases.append(case)
    tail = "".join(chance.choice(list(ESCAPES)) for _ in range(3))
    escaped.append({**case, "uri": uri + tail})

problems = []
node, python = by_node(cases), by_python(cases)
if node != python:
    problems.append("the two official helpers differ from each other")
problems += [f"{known[1]}: the helpers sign {made}, the vector says {known[3]}"
             for known, made in zip(KNOWN, node) if made != known[3]]
for names, signed in (("node", node), ("python", python)):
    for case, told in zip(cases, by_ours([{**c, "signature": s} for c, s in zip(cases, signed)])):
        if told != "trusted":
            problems.append(f"{names} signed {case}, ours says {told}")
# A byte changed anywhere must not pass.
for case, told in zip(cases, by_ours([{**c, "body": c["body"] + "x", "signature": s} for c, s in zip(cases, node)])):
    if told != "forged":
        problems.append(f"a changed body of {case['uri']} is {told}")
# Escaped addresses: HubSpot signs the decoded form. Given that form, the helpers agree with us; given the raw address they sign
# something that HubSpot never sends, and ours must refuse it.
plain = [{**case, "uri": decoded(case["uri"])} for case in escaped]
for sign in (by_node, by_python):
    for case, told in zip(escaped, by_ours([{**c, "signature": s} for c, s in zip(escaped, sign(plain))])):
        if told != "trusted":
            problems.append(f"signed in its decoded form, {case['uri']} is {told}")
    for case, told in zip(escaped, by_ours([{**c, "signature": s} for c, s in zip(escaped, sign(escaped))])):
        if told != "forged":
            problems.append(f"signed in its raw form, {case['uri']} is {told}")
for problem in problems[:10]:
    print(f"  {problem}")
if problems:
    sys.exit(f"{len(problems)} signatures disagree")
print(f"judged: {len(cases)} deliveries by two helpers, {len(escaped)} escaped addresses (the helpers do not decode; ours does)")

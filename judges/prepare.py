# Makes a fresh sandbox ready for a judge: no index lag, and an app installed; prints the app's refresh token.
import json
import sys
import urllib.parse
import urllib.request

BASE = sys.argv[1]


class Stay(urllib.request.HTTPRedirectHandler):
    """The code is in the address we are sent to; nobody listens there."""

    def redirect_request(self, *_):
        return None


def post(path, body, kind):
    request = urllib.request.Request(f"{BASE}{path}", body.encode(), {"content-type": kind})
    return json.load(urllib.request.urlopen(request))


post("/__sandbox/index", json.dumps({"lag_ms": 0}), "application/json")
back = "http://localhost/back"
scopes = "oauth crm.objects.contacts.read crm.objects.contacts.write"
query = urllib.parse.urlencode({"client_id": "sandbox-client-id", "redirect_uri": back, "scope": scopes})
try:
    address = urllib.request.build_opener(Stay).open(f"{BASE}/oauth/authorize?{query}").headers["location"]
except urllib.error.HTTPError as answer:
    address = answer.headers["location"]
if not address:
    sys.exit("the sandbox did not send the installing person back with a code")
code = urllib.parse.parse_qs(urllib.parse.urlparse(address).query)["code"][0]
form = urllib.parse.urlencode({
    "grant_type": "authorization_code", "client_id": "sandbox-client-id", "client_secret": "sandbox-client-secret",
    "redirect_uri": back, "code": code,
})
print(post("/oauth/2026-09/token", form, "application/x-www-form-urlencoded")["refresh_token"])

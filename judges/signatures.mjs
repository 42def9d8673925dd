// Signs the judges' deliveries with HubSpot's own helper for Node: lines of JSON in, one signature a line out.
import { createInterface } from 'node:readline';
import { Signature } from '@hubspot/api-client';

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, method, uri, body, timestamp } = JSON.parse(line);
  console.log(Signature.getSignature(method, 'v3', { clientSecret: secret, requestBody: body, url: uri, timestamp: Number(timestamp) }));
}

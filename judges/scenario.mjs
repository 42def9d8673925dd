// Plays the judges' scenario against a sandbox with HubSpot's own client for Node.
import { Client } from '@hubspot/api-client';

const [base, token, refreshToken] = process.argv.slice(2);
const options = { accessToken: token, basePath: base };
const client = new Client({ ...options, numberOfApiCallRetries: 3 });
let checks = 0;

function check(fact, holds, seen) {
  checks += 1;
  if (!holds) throw new Error(`${fact}: saw ${JSON.stringify(seen)}`);
}

async function order(fault) {
  const answer = await fetch(`${base}/__sandbox/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  check('the sandbox takes the order for a fault', answer.ok, answer.status);
}

const contacts = client.crm.contacts;
await client.crm.properties.groupsApi.create('contacts', { name: 'judges', label: 'Judges', displayOrder: -1 });
for (const [name, label, unique] of [['judge_key', 'Judge key', true], ['judge_note', 'Judge note', false]]) {
  await client.crm.properties.coreApi.create('contacts', {
    name, label, description: 'Made by a judge', groupName: 'judges', type: 'string', fieldType: 'text',
    hasUniqueValue: unique, displayOrder: -1, hidden: false, formField: false,
  });
}
const property = await client.crm.properties.coreApi.getByName('contacts', 'judge_key');
check('a created property is read back', property.hasUniqueValue === true && property.label === 'Judge key', property);

const person = (key, first) => ({ judge_key: key, email: `${key}@acme-judge.com`, firstname: first, lastname: 'Zoë-Straße' });
const anna = await contacts.basicApi.create({ properties: person('anna', 'Anna'), associations: [] });
check('a contact is created', anna.properties.email === 'anna@acme-judge.com', anna);
const duplicate = await contacts.basicApi.create({ properties: { email: 'anna@acme-judge.com' }, associations: [] })
  .catch((error) => error);
check('a duplicate is a conflict', duplicate.code === 409, duplicate.code);
const bert = await contacts.basicApi.create({ properties: person('bert', 'Bert'), associations: [] });

const read = await contacts.batchApi.read({
  inputs: [{ id: anna.id }, { id: '999999999' }], properties: ['email'], propertiesWithHistory: [],
});
check('a batch read tells the missing id', read.results.length === 1 && read.numErrors === 1, read);

const upserted = await contacts.batchApi.upsert({
  inputs: [
    { id: 'anna', idProperty: 'judge_key', properties: { judge_key: 'anna', jobtitle: 'Head of Sales' } },
    { id: 'cleo', idProperty: 'judge_key', properties: person('cleo', 'Cleo') },
  ],
});
const fresh = Object.fromEntries(upserted.results.map((one) => [one.properties.judge_key, one._new]));
check('an upsert tells new from known', fresh.anna === false && fresh.cleo === true, fresh);

const found = await contacts.searchApi.doSearch({
  filterGroups: [{ filters: [{ propertyName: 'email', operator: 'EQ', value: 'anna@acme-judge.com' }] }],
  sorts: [], properties: ['email', 'jobtitle'], limit: 10, after: '0',
});
check('the search finds her', found.total === 1 && found.results[0].properties.jobtitle === 'Head of Sales', found);

const firm = await client.crm.companies.basicApi.create({
  properties: { name: 'Acme Judge', domain: 'firm-judge.com' }, associations: [],
});
await client.crm.associations.v4.basicApi.createDefault('contacts', anna.id, 'companies', firm.id);
const links = await client.crm.associations.v4.basicApi.getPage('contacts', anna.id, 'companies');
check('the link is read back', links.results.some((one) => String(one.toObjectId) === firm.id), links);

const owners = (await client.crm.owners.ownersApi.getPage()).results.sort((a, b) => Number(a.id) - Number(b.id));
check('there are owners', owners.length > 0, owners);
await contacts.basicApi.update(anna.id, { properties: { hubspot_owner_id: owners[0].id } });

const dora = await contacts.basicApi.create({ properties: { ...person('dora', 'Dora'), phone: '+49 30 123456' }, associations: [] });
const merged = await contacts.basicApi.merge({ primaryObjectId: bert.id, objectIdToMerge: dora.id });
const kept = await contacts.basicApi.getById(dora.id, ['firstname', 'phone']);
check('the merged id leads to the survivor', kept.id === merged.id && kept.properties.firstname === 'Bert', kept);

const tokens = await client.oauth.tokensApi.create(
  'refresh_token', undefined, undefined, 'sandbox-client-id', 'sandbox-client-secret', refreshToken,
);
const renewed = new Client({ ...options, accessToken: tokens.accessToken, numberOfApiCallRetries: 3 });
await renewed.crm.contacts.basicApi.update(anna.id, { properties: { city: 'Köln' } });
check('the renewed token is taken', Boolean(tokens.accessToken) && tokens.accessToken !== token, 'no token');

await order({ kind: '429-secondly', route_prefix: '/crm/', count: 1 });
const start = Date.now();
const late = await client.crm.contacts.basicApi.update(anna.id, { properties: { judge_note: 'after a refusal' } });
check('the official client waits and repeats after a 429', late.properties.judge_note === 'after a refusal' && Date.now() - start > 500, Date.now() - start);

console.log(`judged: ${checks} facts`);

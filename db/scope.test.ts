import { type AccountId, accountId, organizationId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { type Scope, scopeStatement } from './scope.ts';

const id = '0b5c2f9e-6a3f-4a52-9d5d-0f4f5f0f8a11';
const hash = Buffer.from('cafe', 'hex');

describe('scopeStatement', () => {
  const scopes: [string, Scope, string[]][] = [
    ['an organization', { organizationId: organizationId.parse(id) }, [id, '', '', '', '', '', '']],
    ['an account', { accountId: accountId.parse(id) }, ['', id, '', '', '', '', '']],
    ['an invitation', { capability: { kind: 'invitation', hash } }, ['', '', 'cafe', '', '', '', '']],
    [
      'a member’s invitation',
      { capability: { kind: 'member-invitation', hash } },
      ['', '', '', 'cafe', '', '', ''],
    ],
    ['a credential', { capability: { kind: 'credential', hash } }, ['', '', '', '', 'cafe', '', '']],
    ['an API token', { capability: { kind: 'api-token', hash } }, ['', '', '', '', '', 'cafe', '']],
    ['a link to a recording', { capability: { kind: 'share', hash } }, ['', '', '', '', '', '', 'cafe']],
    ['nothing', {}, ['', '', '', '', '', '', '']],
  ];
  for (const [name, scope, values] of scopes) {
    it(`scopes to ${name}, and takes back whatever was set before`, () => {
      expect(valuesIn(scopeStatement(scope))).to.deep.equal(values);
    });
  }

  it('sets all settings in one statement, each for the transaction only', () => {
    expect(scopeStatement({})).to.equal(
      "SELECT set_config('app.organization_id', '', true), set_config('app.account_id', '', true), " +
        "set_config('app.invitation_hash', '', true), set_config('app.member_invitation_hash', '', true), " +
        "set_config('app.credential_hash', '', true), set_config('app.api_token_hash', '', true), " +
        "set_config('app.share_hash', '', true)",
    );
  });

  it('takes a value for a value, whatever is in it', () => {
    const hostile = "x', true); DROP TABLE app.sessions; --\\" as AccountId;
    expect(scopeStatement({ accountId: hostile })).to.contain(
      "set_config('app.account_id',  E'x'', true); DROP TABLE app.sessions; --\\\\', true)",
    );
  });
});

const valuesIn = (statement: string) =>
  [...statement.matchAll(/, '([^']*)', true\)/g)].map(([, value]) => value);

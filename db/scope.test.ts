import { accountId, organizationId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { type Scope, scopeStatement } from './scope.ts';

const id = '0b5c2f9e-6a3f-4a52-9d5d-0f4f5f0f8a11';
const hash = Buffer.from('cafe', 'hex');

describe('scopeStatement', () => {
  const scopes: [string, Scope, string[]][] = [
    ['an organization', { organizationId: organizationId.parse(id) }, [id, '', '', '', '', '']],
    ['an account', { accountId: accountId.parse(id) }, ['', id, '', '', '', '']],
    ['an invitation', { capability: { kind: 'invitation', hash } }, ['', '', 'cafe', '', '', '']],
    [
      'a member’s invitation',
      { capability: { kind: 'member-invitation', hash } },
      ['', '', '', 'cafe', '', ''],
    ],
    ['a credential', { capability: { kind: 'credential', hash } }, ['', '', '', '', 'cafe', '']],
    ['an API token', { capability: { kind: 'api-token', hash } }, ['', '', '', '', '', 'cafe']],
    ['nothing', {}, ['', '', '', '', '', '']],
  ];
  for (const [name, scope, values] of scopes) {
    it(`scopes to ${name}, and takes back whatever was set before`, () => {
      expect(scopeStatement(scope).values).to.deep.equal(values);
    });
  }

  it('sets all settings in one statement, each for the transaction only', () => {
    expect(scopeStatement({}).text).to.equal(
      "SELECT set_config('app.organization_id', $1, true), set_config('app.account_id', $2, true), " +
        "set_config('app.invitation_hash', $3, true), set_config('app.member_invitation_hash', $4, true), " +
        "set_config('app.credential_hash', $5, true), set_config('app.api_token_hash', $6, true)",
    );
  });
});

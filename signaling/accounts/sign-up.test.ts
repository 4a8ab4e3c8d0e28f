import { expect } from 'chai';
import { maySignUp, signUpSetting } from './sign-up.ts';

describe('who may have an account made', () => {
  it('is everybody, the invited, or people of some domains and the invited', () => {
    expect(maySignUp('open', 'a@b.example', false)).to.equal(true);
    expect(maySignUp('invited', 'a@b.example', false)).to.equal(false);
    expect(maySignUp('invited', 'a@b.example', true)).to.equal(true);
    const domains = signUpSetting.parse(' Example.org, example.com');
    expect(maySignUp(domains, 'a@example.org', false)).to.equal(true);
    expect(maySignUp(domains, 'a@example.com', false)).to.equal(true);
    expect(maySignUp(domains, 'a@sub.example.org', false)).to.equal(false);
    expect(maySignUp(domains, 'a@notexample.org', false)).to.equal(false);
    expect(maySignUp(domains, '"a@example.org"@evil.example', false)).to.equal(false);
    expect(maySignUp(domains, 'a@else.example', true)).to.equal(true);
  });

  it('is refused as a setting when it makes no sense', () => {
    for (const text of ['', 'closed', 'example', 'a@example.org', 'example.org,'])
      expect(signUpSetting.safeParse(text).success, text).to.equal(false);
  });
});

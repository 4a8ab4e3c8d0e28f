import { z } from 'zod';

/** Who may have an account made: everybody, whoever an organization has invited, or, besides, people of some mail domains. */
export type SignUp = 'open' | 'invited' | { domains: readonly string[] };

const domain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

/** `open`, `invited`, or mail domains with commas between. */
export const signUpSetting = z
  .string()
  .trim()
  .toLowerCase()
  .transform((text): SignUp | null => {
    if (text === 'open' || text === 'invited') return text;
    const domains = text.split(',').map(each => each.trim());
    return domains.every(each => domain.test(each)) ? { domains } : null;
  })
  .refine(parsed => parsed !== null, 'open, invited, or mail domains such as example.org,example.com')
  .transform(parsed => parsed as SignUp);

/** @param isInvited they hold an invitation to this very address */
export function maySignUp(signUp: SignUp, email: string, isInvited: boolean): boolean {
  if (signUp === 'open' || isInvited) return true;
  // The whole domain: people of sub.example.org are not those of example.org.
  return signUp !== 'invited' && signUp.domains.includes(email.slice(email.lastIndexOf('@') + 1));
}

/** Whether an account may change its address: where domains are asked for, people of one of them stay among them. */
export const mayMoveTo = (signUp: SignUp, from: string, to: string): boolean =>
  typeof signUp === 'string' || !maySignUp(signUp, from, false) || maySignUp(signUp, to, false);

import { readFileSync } from 'node:fs';
import { z } from 'zod';

const inBoth = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) });

/** Who runs this installation: what the public pages must say, and we cannot know. */
const operator = z.strictObject({
  name: z.string().min(1),
  address: z.string().min(1),
  email: z.email(),
  /** Whose law the terms are under, as in "This agreement is under …". */
  law: inBoth,
  /** Other companies that work with people's data. */
  subProcessors: z.array(
    z.strictObject({ name: z.string().min(1), country: inBoth, purpose: inBoth, data: inBoth }),
  ),
});
export type Operator = z.output<typeof operator>;

/** Reads the file that OPERATOR_FILE names; what is wrong with it is said where the setting is. */
export const operatorFile = z.string().transform((file, context): Operator => {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(error instanceof SyntaxError ? 'is not JSON' : 'the file cannot be read');
  }
  const parsed = operator.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(`in the file, ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
});

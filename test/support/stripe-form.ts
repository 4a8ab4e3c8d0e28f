/** Fields of a form in Stripe's way: `items[0][price]=x`. Lists are objects with numbers for names. */
export interface Form {
  [name: string]: string | Form;
}

export function formOf(encoded: string): Form {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(encoded)) {
    const path = name.replaceAll(']', '').split('[');
    const last = path.pop() ?? '';
    let place = form;
    for (const step of path) {
      const next = place[step];
      const below: Form = typeof next === 'object' ? next : {};
      place[step] = below;
      place = below;
    }
    place[last] = value;
  }
  return form;
}

export const textOf = (form: Form, name: string): string | undefined => {
  const value = form[name];
  return typeof value === 'string' ? value : undefined;
};
export const partOf = (form: Form, name: string): Form => {
  const value = form[name];
  return typeof value === 'object' ? value : {};
};
export const listOf = (form: Form, name: string): Form[] =>
  Object.values(partOf(form, name)).filter(each => typeof each === 'object');
export const wordsOf = (form: Form): Record<string, string> =>
  Object.fromEntries(
    Object.entries(form).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
export const numberOf = (form: Form, name: string): number | undefined => {
  const value = textOf(form, name);
  return value === undefined ? undefined : Number(value);
};

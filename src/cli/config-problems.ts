import type * as z from 'zod';
import { nearest } from './nearest';

type Issue = z.core.$ZodIssue;

/** What zod is asked to say of a problem that only the schema at hand can tell: which keys and kinds there are. */
export function describeInSchema(issue: z.core.$ZodRawIssue): string | undefined {
  const definition = (issue.inst?._zod.def ?? {}) as { readonly shape?: object; readonly options?: readonly z.ZodObject[]; readonly discriminator?: string };
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(definition.shape ?? {});
    return issue.keys.map((key) => `unknown key '${key}' (known: ${known.join(', ')})${meant(key, known)}`).join(', and ');
  }
  if (issue.code !== 'invalid_type' || issue.expected !== 'object') return undefined;
  if (definition.discriminator === undefined) return 'an object';
  const kind = definition.options?.find(({ shape }) => shape['kind']!.safeParse(issue.input).success);
  if (!kind) return 'an object { "kind": … }';
  const needed = Object.entries(kind.shape).filter(([key, schema]) => key !== 'kind' && schema._zod.optin !== 'optional');
  return `an object { "kind": ${show(issue.input)}, ${needed.map(([key]) => `"${key}": …`).join(', ')} }`;
}

/** Every problem as a line that names its key: `config.learner.family: expected one of 'full', …, got "fulll"`. */
export function describeProblems(issues: readonly Issue[]): readonly string[] {
  return issues.flatMap((issue) => leaves(issue, [])).map(({ issue, path }) => sentence(`${formatPath(path)}: ${describe(issue)}`));
}

const sentence = (words: string) => (words.endsWith('?') ? words : `${words}.`);

interface Leaf {
  readonly issue: Issue;
  readonly path: readonly PropertyKey[];
}

/** Of a choice, the problems of the form that was meant: the one whose kind of value is the given one. */
function leaves(issue: Issue, parent: readonly PropertyKey[]): readonly Leaf[] {
  const path = [...parent, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
  const meantForms = issue.errors.filter((form) => !form.some((each) => isOtherForm(each)));
  const [form] = meantForms;
  return form ? form.flatMap((each) => leaves(each, path)) : [{ issue, path }];
}

const isOtherForm = (issue: Issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union');

function describe(issue: Issue): string {
  if (issue.code === 'unrecognized_keys' || issue.code === 'custom') return issue.message;
  const given = issue.code === 'invalid_union' && issue.discriminator !== undefined ? kindOf(issue.input, issue.discriminator) : issue.input;
  return `expected ${expected(issue)}, got ${show(given)}${meant(given, choices(issue))}`;
}

function expected(issue: Issue): string {
  const words = choices(issue);
  if (issue.code === 'invalid_union') {
    if (issue.errors.length === 0) return oneOf(words);
    const forms = [...new Set(issue.errors.flatMap((form) => form.filter((each) => isOtherForm(each)).map((each) => expected(each))))];
    const [exact] = forms.filter((form) => form.includes(`"kind": ${show(issue.input)},`));
    return exact ?? forms.join(', or ');
  }
  if (issue.code === 'invalid_value') return oneOf(words);
  if (issue.code === 'invalid_type') return nouns[issue.expected] ?? issue.message;
  if (issue.code === 'too_small') return bound(issue.origin, issue.inclusive === false ? 'above' : 'of at least', issue.minimum);
  if (issue.code === 'too_big') return bound(issue.origin, issue.inclusive === false ? 'below' : 'of at most', issue.maximum);
  return issue.message;
}

const nouns: Readonly<Record<string, string>> = {
  array: 'a list',
  tuple: 'a list',
  int: 'a whole number',
  number: 'a number',
  string: 'text',
};

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array') return `a list ${relation} ${limit} entries`;
  if (origin === 'string') return 'text that is not empty';
  return `a ${origin === 'int' ? 'whole ' : ''}number ${relation} ${limit}`;
}

/** The words that would have been right. */
function choices(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  if (issue.errors.length === 0) return ('options' in issue ? (issue.options ?? []) : []).map(String);
  return issue.errors.flatMap((form) => form.flatMap((each) => choices(each)));
}

function oneOf(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  return quoted.length === 1 ? quoted[0]! : `one of ${quoted.join(', ')}`;
}

function meant(given: unknown, known: readonly string[]): string {
  const word = typeof given === 'string' ? nearest(given, known) : undefined;
  return word === undefined || word === given ? '' : `; did you mean '${word}'?`;
}

function kindOf(given: unknown, discriminator: string): unknown {
  return typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>)[discriminator] : given;
}

/** A value in a few words: `"fulll"`, `[1, 2]`, `nothing`. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  let words: string | undefined;
  try {
    words = JSON.stringify(value);
  } catch {
    words = undefined; // a loop, or a bigint
  }
  const shown = typeof value === 'number' ? String(value) : (words ?? String(typeof value));
  return shown.length > 60 ? `${shown.slice(0, 57)}…` : shown;
}

/** `config.base.hidden[0]` */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((words, key) => (typeof key === 'number' ? `${words}[${key}]` : `${words}.${String(key)}`), 'config');
}

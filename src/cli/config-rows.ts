import type { Described } from 'hypermeta';
import * as z from 'zod';

/** One kind of a config: which options it has, and what is made of them. */
export interface Row<Options, Context, Made> {
  readonly options: { readonly [Key in keyof Options]-?: z.ZodType };
  make(options: Options, context: Context): Made;
}

/** All kinds of a config's place, by name. */
export type Rows<Kinds, Context, Made> = { readonly [Kind in keyof Kinds]: Row<Kinds[Kind], Context, Made> };

/** A row whose options are read as their schemas say. */
export function row<Options extends z.ZodRawShape, Context, Made>(
  options: Options,
  make: (options: z.output<z.ZodObject<Options>>, context: Context) => Made,
): { readonly options: Options; make(options: z.output<z.ZodObject<Options>>, context: Context): Made } {
  return { options, make };
}

/** Options that may be left out. */
export function optional<Options extends Readonly<Record<string, z.ZodType>>>(
  options: Options,
): { readonly [Key in keyof Options]: z.ZodExactOptional<Options[Key]> } {
  const entries = Object.entries(options).map(([name, schema]) => [name, schema.exactOptional()]);
  return Object.fromEntries(entries) as { readonly [Key in keyof Options]: z.ZodExactOptional<Options[Key]> }; // the same keys
}

/** `{ kind: 'maml', … }` of a table; or `'maml'` alone, of a kind that needs nothing more. */
export function described<Kinds>(rows: Rows<Kinds, never, unknown>): z.ZodType<Described<Kinds>> {
  const kinds = Object.entries(rows as Readonly<Record<string, Row<object, never, unknown>>>); // by name
  const objects = kinds.map(([kind, { options }]) => z.strictObject({ kind: z.literal(kind), ...options }));
  const short = kinds.filter(([, { options }]) => Object.values(options).every((schema) => schema instanceof z.ZodExactOptional)).map(([kind]) => kind);
  const object = z.discriminatedUnion('kind', objects as [(typeof objects)[0], ...typeof objects]); // no table is empty
  const schema = short.length > 0 ? z.union([z.enum(short), object]) : object;
  return schema as unknown as z.ZodType<Described<Kinds>>; // the rows have the options of Kinds
}

/** What a row makes of its kind's options. */
export function make<Kinds, Context, Made>(rows: Rows<Kinds, Context, Made>, given: Described<Kinds>, context: Context): Made {
  const { kind, ...options } = (typeof given === 'string' ? { kind: given } : given) as { kind: keyof Kinds };
  return rows[kind].make(options as Kinds[keyof Kinds], context); // those of its kind
}

export const count = z.int().min(1);
export const countOrNone = z.int().min(0);
export const positive = z.number().gt(0);
export const share = z.number().min(0).lt(1);
export const text = z.string().min(1);

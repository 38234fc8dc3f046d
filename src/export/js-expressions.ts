import type { GraphNode } from '../graph/graph';
import type { JsFunctionName } from './js-functions';

/** The value of an elementwise kernel as an expression of its operands; `call` names a function that the module then has. */
export type JsExpression = (operands: readonly string[], node: GraphNode, call: (name: JsFunctionName) => string) => string;

type JsExpressions = Readonly<Record<string, JsExpression>>;

const of = (names: readonly string[]): JsExpressions =>
  Object.fromEntries(names.map((name): [string, JsExpression] => [name, ([x]) => `Math.${name.toLowerCase()}(${bare(x!)})`]));
const between = (kernels: Readonly<Record<string, string>>): JsExpressions =>
  Object.fromEntries(Object.entries(kernels).map(([kernel, sign]): [string, JsExpression] => [kernel, ([a, b]) => `(${a} ${sign} ${b})`]));
const compared = (kernels: Readonly<Record<string, string>>): JsExpressions =>
  Object.fromEntries(Object.entries(kernels).map(([kernel, sign]): [string, JsExpression] => [kernel, ([a, b]) => `Number(${a} ${sign} ${b})`]));
const calls = (kernels: Readonly<Record<string, JsFunctionName>>): JsExpressions =>
  Object.fromEntries(Object.entries(kernels).map(([kernel, name]): [string, JsExpression] => [kernel, (operands, _node, call) => `${call(name)}(${operands.map(bare).join(', ')})`]));

const casts = { int32: (x: string) => `Math.trunc(${bare(x)})`, bool: (x: string) => `Number(${x} !== 0)`, float32: (x: string) => x } as const;

/** Kernel → its value at one place. Booleans are 0 and 1. */
export const jsExpressions: JsExpressions = {
  ...of(['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Exp', 'Expm1', 'Floor', 'Log', 'Log1p', 'Sign', 'Sin', 'Sinh', 'Sqrt', 'Tan', 'Tanh']),
  ...between({ Add: '+', Sub: '-', Multiply: '*', RealDiv: '/' }),
  ...compared({ Equal: '===', NotEqual: '!==', Greater: '>', GreaterEqual: '>=', Less: '<', LessEqual: '<=' }),
  ...calls({
    Elu: 'elu', Erf: 'erf', Mod: 'floorMod', Prelu: 'leakyRelu', Round: 'roundToEven', Selu: 'selu', Softplus: 'softplus',
  }),
  Atan2: ([y, x]) => `Math.atan2(${bare(y!)}, ${bare(x!)})`,
  FloorDiv: ([a, b]) => `Math.floor(${a} / ${b})`,
  Maximum: ([a, b]) => `Math.max(${bare(a!)}, ${bare(b!)})`,
  Minimum: ([a, b]) => `Math.min(${bare(a!)}, ${bare(b!)})`,
  Pow: ([a, b]) => `Math.pow(${bare(a!)}, ${bare(b!)})`,
  Neg: ([x]) => `(-${x})`,
  Reciprocal: ([x]) => `(1 / ${x})`,
  Rsqrt: ([x]) => `(1 / Math.sqrt(${bare(x!)}))`,
  Sigmoid: ([x]) => `(1 / (1 + Math.exp(-${x})))`,
  Relu: ([x]) => `Math.max(0, ${bare(x!)})`,
  Relu6: ([x]) => `Math.min(6, Math.max(0, ${bare(x!)}))`,
  ClipByValue: ([x], { attributes }) => `Math.min(${literal(attributes['clipValueMax'])}, Math.max(${literal(attributes['clipValueMin'])}, ${x}))`,
  LeakyRelu: ([x], { attributes }, call) => `${call('leakyRelu')}(${x}, ${literal(attributes['alpha'])})`,
  Step: ([x], { attributes }) => `(${x} > 0 ? 1 : ${literal(attributes['alpha'] ?? 0)})`,
  Select: ([condition, whenTrue, whenFalse]) => `(${condition} ? ${whenTrue} : ${whenFalse})`,
  LogicalAnd: ([a, b]) => `Number(${a} && ${b})`,
  LogicalOr: ([a, b]) => `Number(${a} || ${b})`,
  LogicalNot: ([x]) => `Number(!${x})`,
  IsNan: ([x]) => `Number(Number.isNaN(${bare(x!)}))`,
  IsFinite: ([x]) => `Number(Number.isFinite(${bare(x!)}))`,
  IsInf: ([x]) => `Number(Math.abs(${bare(x!)}) === Infinity)`,
  Cast: ([x], { dtype }) => casts[dtype](x!),
};

/** Without parentheses around the whole, where there are some. */
export function bare(expression: string): string {
  if (!expression.startsWith('(')) return expression;
  let depth = 0;
  for (const [at, letter] of [...expression].entries()) {
    depth += Number(letter === '(') - Number(letter === ')');
    if (depth === 0) return at === expression.length - 1 ? expression.slice(1, -1) : expression;
  }
  return expression;
}

/** A number in JavaScript; one below zero in parentheses. */
export function literal(value: unknown): string {
  const number = Object.is(value, -0) ? '-0' : String(value);
  return number.startsWith('-') ? `(${number})` : number;
}

/** Kernels whose values depend on the values at the same place, operands broadcast. */
export const elementwise: ReadonlySet<string> = new Set([
  'Abs', 'Add', 'Cast', 'Cos', 'Elu', 'Equal', 'Erf', 'Exp', 'Greater', 'GreaterEqual', 'LeakyRelu', 'Less', 'LessEqual', 'Log', 'LogicalAnd',
  'LogicalNot', 'LogicalOr', 'Maximum', 'Minimum', 'Multiply', 'Neg', 'Pow', 'RealDiv', 'Reciprocal', 'Relu', 'Rsqrt', 'Select', 'Sigmoid',
  'Sin', 'Softplus', 'Sqrt', 'Step', 'Sub', 'Tanh',
]);

/** Words with a space between them, and no mark of XML or of a list of values. */
const isText = (text) => /\p{L}{2}[,.:;)'"]* [\p{L}("']/u.test(text) && !/[<=]/.test(text);

const isSimple = ({ type }) => !['ConditionalExpression', 'LogicalExpression'].includes(type);

/**
 * Whether a node of Babel's syntax tree is a text for people, which may be worded otherwise without a fault. A choice
 * between texts within a text is none.
 */
export const isSentence = (node) =>
  (node.type === 'StringLiteral' && isText(node.value)) ||
  (node.type === 'TemplateLiteral' &&
    node.expressions.every(isSimple) &&
    isText(node.quasis.map(({ value }) => value.cooked).join('xx')));

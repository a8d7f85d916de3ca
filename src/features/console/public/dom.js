export const $ = (id) => document.getElementById(id);

/** An element with text and children. Text of documents and answers is always text, never markup. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

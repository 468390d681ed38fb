/** An element of an XML document; names are without their prefix. */
export interface XmlElement {
  name: string;
  /** Namespace; empty for none. */
  uri: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  /** Text of its own, not of its children. */
  text: string;
}

/** The first child of a name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** Every child of a name, in order. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The text of the first child of a name, without white space around it; undefined when it is empty or not there. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text.trim() || undefined;
}

// The little Markdown that hovers are made of, as elements: fenced code, emphasis, code.

export function rendered(markdown: string): HTMLElement {
  const out = document.createElement("div");
  out.className = "markdown";
  markdown.split(/^```(?:\w*)\n?/m).forEach((part, number) => {
    if (number % 2 === 1) {
      const code = document.createElement("pre");
      code.textContent = part.trimEnd();
      out.append(code);
      return;
    }
    for (const paragraph of part.split(/\n{2,}/)) {
      if (paragraph.trim() !== "") out.append(inline(paragraph.trim()));
    }
  });
  return out;
}

function inline(text: string): HTMLElement {
  const out = document.createElement("p");
  for (const part of text.split(/(`[^`]+`|\*\*[^*]+\*\*)/)) {
    if (part === "") continue;
    if (part.startsWith("`") && part.length > 2) out.append(element("code", part.slice(1, -1)));
    else if (part.startsWith("**") && part.length > 4) out.append(element("strong", part.slice(2, -2)));
    else out.append(part);
  }
  return out;
}

export function element<K extends keyof HTMLElementTagNameMap>(name: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

#!/usr/bin/env python3
"""Compares our HTML trees with those of a browser.

    cargo build -p vera-markup --example markup_dump
    scripts/compare_html.py [--browser PATH] [--count N] [--seed N]

Random documents and fragments are parsed by us and, in one page, by a headless
Chromium: documents by `DOMParser`, fragments as the `innerHTML` of a `body` of a
document without scripting. Both trees are written one node a line and must be the
same text. Without a browser the script says so and fails.

Not compared, since trees of ours say nothing of it: the doctype, and nodes before
and after the `html` element. What newer browsers read as a processing instruction
is a comment for us, as it is in older ones. The copy of an option that newer browsers make in a
`selectedcontent` element is not generated.
"""

import argparse
import html as entities
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
DUMP = TARGET / "debug" / "examples" / "markup_dump"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]

TAGS = """a b i p div span ul ol li dl dt dd table tr td th tbody thead caption colgroup col
select option optgroup form input button h1 h2 pre textarea title style script svg math mi mo
mtext annotation-xml foreignObject desc br hr img template noscript font nobr em strong section
address blockquote iframe xmp ruby rt rb rp center marquee object applet details summary
dialog label listing frameset frame image x-custom main search""".split()
TEXTS = ["a", "b c", " ", "\n", "\n\n", "&amp;", "&lt", "&notit;", "&#0;", "&#x80;", "&copy=1", "<", "</",
         "<!", "<!-- c -->", "<!--", "-->", "<!x>", "<?y>", "<![CDATA[z]]>", "\r\n", "\r", "é", "&nbsp;", "]]>",
         "a\0", "</>", "&bogus;", "<1", "\f", "--!>"]
ATTRIBUTES = ["", " a=1", " a=1 A=2", " class='x y'", ' id="q>"', " xlink:href=u", " viewbox=1",
              " type=hidden", " a=&amp;&lt", " b", " =c", " encoding=text/html", " d='\n'", "/", " definitionurl=1"]
SIGNS = re.compile(r"<(!doctype|/?(html|head|body)[\s/>])", re.I)

PAGE = r"""<!doctype html><meta charset=utf-8><pre id=out></pre><script>
const escaped = s => s.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
function dump(root) {
  const lines = [];
  const open = [[root, 0]];
  while (open.length) {
    const [node, level] = open.pop();
    if (node.nodeType === 3) lines.push(level + ' text ' + escaped(node.data));
    else if (node.nodeType === 8) lines.push(level + ' comment ' + escaped(node.data));
    else if (node.nodeType === 7) lines.push(level + ' comment ?' + escaped(node.target + node.data));
    else if (node.nodeType === 1) {
      let line = level + ' element ' + escaped(node.localName);
      for (const a of node.attributes) line += ' ' + escaped(a.name) + '=' + escaped(a.value);
      lines.push(line);
    }
    const inner = node.localName === 'template' && node.content ? node.content : node;
    for (const child of [...inner.childNodes].reverse()) open.push([child, level + 1]);
  }
  return lines.join('\n') + '\n';
}
function fragment(text) {
  const inert = document.implementation.createHTMLDocument('');
  inert.body.innerHTML = text;
  const body = inert.body, first = body.firstChild, last = body.lastChild;
  if (first && first.nodeType === 1) {
    if (first === last) return first;
    if (first.nextSibling === last && last.nodeType === 3 && /^[ \t\n\f\r]*$/.test(last.data)) {
      first.appendChild(last);
      first.normalize();
      return first;
    }
  }
  const root = inert.createElement('html');
  while (body.firstChild) root.appendChild(body.firstChild);
  return root;
}
const texts = TEXTS;
document.getElementById('out').textContent = JSON.stringify(texts.map(([isDocument, text]) =>
  dump(isDocument ? new DOMParser().parseFromString(text, 'text/html').documentElement : fragment(text))))
  .replace(/[^ -~]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
</script>"""


def piece(random):
    kind = random.random()
    if kind < 0.3:
        return random.choice(TEXTS)
    tag = random.choice(TAGS)
    if kind < 0.55:
        return f"</{tag}>"
    return f"<{tag}{random.choice(ATTRIBUTES) if random.random() < 0.3 else ''}>"


def document(random):
    body = "".join(piece(random) for _ in range(random.randrange(1, 30)))
    # Chromium drops U+0000 before the `body`, where the standard opens one for it.
    safe = body.replace("\0", "")
    kind = random.random()
    if kind < 0.3:
        return True, "<!DOCTYPE html>" + safe
    if kind < 0.4:
        return True, f"<html a=1><head>{safe}</head><body b=2>{body}</body></html>"
    if kind < 0.45:
        return True, "<!doctype html>" + safe.replace("<br>", "<body c=3>").replace("<hr>", "<head>")
    return False, body


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--browser", default=next(filter(None, map(shutil.which, BROWSERS)), None))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.browser:
        sys.exit("no browser: install chromium, or name one by --browser")
    source = random.Random(options.seed)
    texts = [document(source) for _ in range(options.count)]
    assert not any(SIGNS.search(text) for is_document, text in texts if not is_document)

    asked = b"".join(b"%d\n%s" % (len(text.encode()), text.encode()) for _, text in texts)
    run = subprocess.run([DUMP, "html"], input=asked, capture_output=True, check=True)
    ours = run.stdout.decode().split("\x1e")[:-1]

    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.html"
        listed = json.dumps(texts).replace("<", "\\u003c")
        page.write_text(PAGE.replace("TEXTS;", listed + ";"), encoding="utf-8")
        command = [options.browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
                   "--dump-dom", page.as_uri()]
        shown = subprocess.run(command, capture_output=True, check=True, timeout=300).stdout.decode()
    theirs = json.loads(entities.unescape(re.search(r'<pre id="out">(.*?)</pre>', shown, re.S).group(1)))

    passed = failed = 0
    for (_, text), one, other in zip(texts, ours, theirs, strict=True):
        if one == other:
            passed += 1
        else:
            failed += 1
            if failed <= 5:
                print(repr(text), "ours:", one, "browser:", other, sep="\n", end="\n\n")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

// What the documents point at is there: links, their anchors, and files of the repository by name.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linksOf, proseOf } from './support/links';
import type { Link } from './support/links';

// This file runs as out/test/links.test.js.
const root = join(__dirname, '..', '..');
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The anchor that a heading gets where the pages are shown. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[(.*?)\]\(.*?\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

/** The anchors of a page; a heading that comes again is numbered. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(read(path)).matchAll(/^#+ (.*)$/gm)) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let i = 1; anchors.has(unique); i++) unique = `${anchor}-${String(i)}`;
    anchors.add(unique);
  }
  return anchors;
}

/** What is wrong with a link of a page, or nothing. */
function faultOf(page: string, { target, anchor }: Link): string | undefined {
  if (!existsSync(join(root, target))) return `${page}: there is no ${target}`;
  if (anchor === undefined || anchorsOf(target).has(anchor)) return undefined;
  return `${page}: ${target} has no heading for #${anchor}`;
}

for (const page of documents) {
  test(`the links of ${page}`, () => {
    const faults = linksOf(page, read(page)).map((link) => faultOf(page, link));
    assert.deepEqual(
      faults.filter((fault) => fault !== undefined),
      [],
    );
  });

  test(`the files that ${page} names`, () => {
    const names = proseOf(read(page)).matchAll(
      /`((?:bench|docs|examples|native|scripts|soak|src|test)\/[\w./-]+)`/g,
    );
    const missing = Array.from(names, ([, name = '']) => name).filter(
      (name) => !existsSync(join(root, name)),
    );
    assert.deepEqual(missing, []);
  });
}

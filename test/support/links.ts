// What the pages of the documentation link to.
import { dirname, normalize } from 'node:path';

/** A page's text without its blocks of code, in which nothing is a link. */
export const proseOf = (text: string): string => text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');

/** A link of a page to a file, both relative to the repository. */
export interface Link {
  target: string;
  /** undefined: the page as a whole. */
  anchor: string | undefined;
}

/** The links of a page to files, itself included; those to other places on the web are not. */
export function linksOf(page: string, text: string): Link[] {
  const links = Array.from(proseOf(text).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(`${dirname(page)}/${path}`);
      return { target: target.replaceAll('\\', '/'), anchor };
    });
}

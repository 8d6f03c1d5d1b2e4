/** The language of the page and its words. */
import { computed, effect, signal } from '@preact/signals';
import { en } from './en';
import { type Words, zh } from './zh';

export type Lang = 'zh' | 'en';
const WORDS: Record<Lang, Words> = { zh, en };
const KEPT = 'yunparking.lang';

const first = (): Lang => {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.toLowerCase().startsWith('en') && !navigator.languages.some((l) => l.startsWith('zh'))
    ? 'en'
    : 'zh';
};

export const lang = signal<Lang>(first());
/** The words of the chosen language; reading it follows the choice. */
export const words = computed<Words>(() => WORDS[lang.value]);

/** Keep the choice and tell the document. */
export function keepLanguage(): void {
  effect(() => {
    document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en';
    localStorage.setItem(KEPT, lang.value);
  });
}

"""What the tariff commands say in their own words, in Chinese and in English."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "checked": "{right} right, {wrong} differ, {unread} problems",
        "example": "entry exit class what expected got",
        "compared": "stays change dearer cheaper same all",
        "imported": "{read} read, {documents} different tariffs, {refused} refused",
        "two_currencies": "{a} is in {one} and {b} in {other}: they cannot be compared.",
    },
    "zh": {
        "checked": "{right} 个一致，{wrong} 个不同，{unread} 个问题",
        "example": "入场 离场 车型 内容 应为 算得",
        "compared": "停车数 变化 更贵 更便宜 不变 全部",
        "imported": "读入 {read} 个，不同的收费规则 {documents} 个，{refused} 个无法表达",
        "two_currencies": "{a} 用 {one}，{b} 用 {other}：无法比较。",
    },
}
"""Language → what is said; columns of tables are parted by spaces."""

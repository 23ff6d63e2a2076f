"""How long the whole bank takes to load and check without the official texts, and with them.

The last line is JSON: {"load_s", "prove_s", "items"}.
"""

from __future__ import annotations

import json
import os
from datetime import date
from time import perf_counter

from xuefa.bank.balance import check_balance
from xuefa.bank.checks import check_bank
from xuefa.bank.reader import read_bank
from xuefa.laws.statutes import ImportedStatutes, PackagedStatutes, Statutes
from xuefa.settings import read_settings


def main() -> None:
    settings = read_settings(os.environ)
    started = perf_counter()
    bank = read_bank(settings.question_bank_dir)
    check_balance(bank)
    check_bank(bank, Statutes(()), as_of=date.max)
    loaded = perf_counter()
    statutes = Statutes((PackagedStatutes.installed(), ImportedStatutes(settings.statutes_dir)))
    check = check_bank(read_bank(settings.question_bank_dir), statutes, as_of=date.max)
    proved = perf_counter()
    print(f"题目 {len(bank.items)} 道，有据 {sum(check.proved.values())} 小题")
    print(f"读入并检查（不用法条原文）{loaded - started:.2f} 秒；读入并对照原文 {proved - loaded:.2f} 秒")
    print(f"对照原文用时是不对照的 {(proved - loaded) / (loaded - started):.2f} 倍")
    print(
        json.dumps(
            {"load_s": round(loaded - started, 3), "prove_s": round(proved - loaded, 3), "items": len(bank.items)}
        )
    )


if __name__ == "__main__":
    main()

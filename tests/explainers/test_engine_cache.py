"""What the engine remembers: the cache of answers, and the keys they are kept by."""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explainers.engine import Asker, PredictionCache, batch_keys, take
from explainers.models.base import FunctionModel
from explainers.models.tables import CodedTable
from explainers.tasks import load_task
from tests.fixtures.engine_cases import asker, length_p
from tests.fixtures.toys import people, people_model, table_task


class TestCache:
    def test_is_bounded(self):
        cache = PredictionCache(max_bytes=50 * (PredictionCache.ENTRY_BYTES + 16))
        keys = [bytes([i]) for i in range(200)]
        cache.put_many("m", keys, np.full((200, 2), 0.5))
        assert len(cache) == 50
        assert cache.get_many("m", keys[:150]) == [None] * 150
        assert all(row is not None for row in cache.get_many("m", keys[150:]))

    def test_wide_rows_count_more(self):
        cache = PredictionCache(max_bytes=100_000)
        cache.put_many("m", [bytes([i]) for i in range(100)], np.zeros((100, 1000)))
        assert len(cache) == 100_000 // (PredictionCache.ENTRY_BYTES + 8000)

    def test_the_bytes_it_counts_are_near_the_truth(self):
        """Bounded memory is a claim about memory, not about a counter."""
        import tracemalloc

        cache = PredictionCache()
        n = 20_000
        tracemalloc.start()
        for start in range(0, n, 500):
            keys = batch_keys([f"text {i}" for i in range(start, start + 500)])
            cache.put_many("m", keys, np.full((500, 2), 0.5))
        used = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert used <= 1.1 * cache._bytes

    def test_least_recently_used_goes_first(self):
        cache = PredictionCache(max_bytes=2 * (PredictionCache.ENTRY_BYTES + 16))
        one = np.array([[0.5, 0.5]])
        cache.put_many("m", [b"a"], one)
        cache.put_many("m", [b"b"], one)
        cache.get_many("m", [b"a"])
        cache.put_many("m", [b"c"], one)
        assert [row is None for row in cache.get_many("m", [b"a", b"b", b"c"])] == [False, True, False]

    def test_putting_again_does_not_leak(self):
        cache = PredictionCache(max_bytes=10 * (PredictionCache.ENTRY_BYTES + 16))
        for _ in range(100):
            cache.put_many("m", [b"a"], np.array([[0.5, 0.5]]))
        cache.put_many("m", [bytes([i]) for i in range(9)], np.full((9, 2), 0.5))
        assert len(cache) == 10

    def test_answers_are_right_when_the_cache_holds_next_to_nothing(self):
        cache = PredictionCache(max_bytes=1)
        ask, _ = asker(cache=cache)
        texts = ["x" * n for n in (1, 2, 3, 2, 1)]
        np.testing.assert_array_equal(ask(texts), length_p(texts))
        np.testing.assert_array_equal(ask(texts), length_p(texts))
        assert ask.calls_asked == 3

    def test_a_caller_cannot_change_what_is_cached(self):
        cache = PredictionCache()
        ask, _ = asker(cache=cache)
        ask(["a"])[:] = 7
        assert ask(["a"])[0, 1] == 0.001

    def test_threads(self):
        """Eight threads on a cache too small for them: right answers, bounded, and the books balance."""
        cache = PredictionCache(max_bytes=40 * (PredictionCache.ENTRY_BYTES + 16))
        problems: list[BaseException] = []
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)

        def work(seed: int) -> None:
            rng = np.random.default_rng(seed)
            try:
                for _ in range(60):
                    texts = ["x" * n for n in rng.integers(1, 100, 20)]
                    ask, _ = asker(cache=cache, name=f"m{seed % 2}")
                    np.testing.assert_array_equal(ask(texts), length_p(texts))
            except BaseException as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
        assert not problems
        assert len(cache) <= 40
        assert cache._bytes == len(cache) * (PredictionCache.ENTRY_BYTES + 16)


class TestKeys:
    def frame(self, **columns: Any) -> list[bytes]:
        return batch_keys(pd.DataFrame(columns))

    def test_same_row_same_key_wherever_it_stands(self):
        a = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
        assert batch_keys(a)[1] == batch_keys(a.iloc[[1, 0]])[0] == batch_keys(a.iloc[[1]].reset_index(drop=True))[0]

    def test_column_names_and_order_count(self):
        a = self.frame(x=[1], y=[2])
        assert a != self.frame(y=[2], x=[1])
        assert a != self.frame(x=[2], y=[1])
        assert a != self.frame(x=[1], z=[2])

    def test_dtypes_count(self):
        """A model may treat 1, True and 1.0 differently, so they never share an entry."""
        keys = [
            *self.frame(x=[1]),
            *self.frame(x=[True]),
            *self.frame(x=[1.0]),
            *self.frame(x=["1"]),
            *self.frame(x=pd.Categorical([1])),
            *self.frame(x=np.array([1], dtype="int8")),
            *self.frame(x=pd.Series([1], dtype=object)),
        ]
        assert len(set(keys)) == len(keys)

    def test_mixed_objects_are_told_apart(self):
        """pandas hashes 1, "1", True and "True" alike in a column that mixes them."""
        values = [1, "1", True, "True", None, "None", 1.5, "1.5", float("nan"), "nan"]
        assert len(set(self.frame(x=pd.Series(values, dtype=object)))) == len(values)

    def test_each_half_of_a_key_tells_rows_apart_by_itself(self):
        """128 bits, not 64 twice: neither half repeats among rows, and no difference of one half is that of the other."""
        keys = self.frame(x=np.arange(3000), y=np.repeat([0.0, 1.0], 1500))
        first, second = ([key[half] for key in keys] for half in (slice(0, 8), slice(8, 16)))
        assert {len(key) for key in keys} == {16}
        assert len(set(first)) == len(set(second)) == len(set(first) | set(second)) / 2 == 3000

    def test_every_bit_of_a_key_depends_on_every_column(self):
        """One column more in a row flips about half of the bits, whichever column it is."""
        row = dict.fromkeys("abcdefgh", 0.0)
        (own,) = self.frame(**{name: [value] for name, value in row.items()})
        for name in row:
            (other,) = self.frame(**{n: [v + (n == name)] for n, v in row.items()})
            flipped = bin(int.from_bytes(own, "big") ^ int.from_bytes(other, "big")).count("1")
            assert 30 < flipped < 98

    def test_values_that_change_places_change_the_key(self):
        """A key is a sum over columns, which must not make two columns of one kind interchangeable."""
        assert self.frame(x=[1], y=[2]) != self.frame(x=[2], y=[1])
        assert self.frame(x=["a"], y=["b"]) != self.frame(x=["b"], y=["a"])
        assert self.frame(x=[0.0], y=[0.0]) != self.frame(x=[1.0], y=[1.0])

    def test_the_categories_of_a_category_count(self):
        """1 among numbers is not True among truth values."""
        assert self.frame(x=pd.Categorical([1, 0])) != self.frame(x=pd.Categorical([True, False]))
        assert self.frame(x=pd.Categorical(["a"], ["a", "b"])) == self.frame(x=pd.Categorical(["a"], ["b", "a"]))
        assert len(set(self.frame(x=pd.Categorical(["a", None, "b"])))) == 3

    @pytest.mark.parametrize("dtype", ["Int64", "Float64", "boolean", "string", "float32", "uint8", "datetime64[ns]"])
    def test_other_dtypes(self, dtype):
        values = pd.Series([0, 1, 0, 1]).astype(dtype)
        keys = self.frame(x=values)
        assert keys[0] == keys[2] != keys[1] == keys[3]

    @given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from(["", "a", "b"])), max_size=30))
    def test_rows_share_a_key_exactly_when_they_are_equal(self, rows):
        frame = pd.DataFrame(rows, columns=["i", "f", "s"]).astype({"i": "int64", "f": "float64", "s": object})
        assert len(set(batch_keys(frame))) == len(set(rows))

    def test_other_instances(self):
        keys = batch_keys(
            [
                "a",
                b"a".decode(),
                "b",
                {"a": 1},
                {"a": 1.0},
                {"a": "1"},
                np.zeros((2, 3)),
                np.zeros((3, 2)),
                np.zeros((2, 3), dtype="f4"),
                "\ud800",
            ]
        )
        assert keys[0] == keys[1]
        assert len(set(keys)) == len(keys) - 1

    def test_small_differences_between_arrays_count(self):
        a = np.ones((2, 2))
        assert batch_keys([a]) != batch_keys([a + 1e-12])

    def test_pictures_by_their_pixels(self):
        """Never by the address that a picture happens to have in memory."""
        red, red_again, blue = (Image.new("RGB", (2, 2), colour) for colour in ("red", "red", "blue"))
        a, b, c = batch_keys([red, red_again, blue])
        assert a == b != c
        assert batch_keys([Image.new("RGB", (4, 1), "red")]) != [a]


class TestCodedTables:
    """A table drawn as codes is to the engine what the same table is as a DataFrame."""

    def coded(self, n: int = 300) -> CodedTable:
        task = table_task(data=odd_people(n))
        return task.table.coded([task.instances()[i] for i in range(n)])

    def test_the_frame_has_the_columns_and_dtypes_of_the_data(self):
        pd.testing.assert_frame_equal(self.coded().frame(), odd_people(300))

    def test_the_keys_are_those_of_the_frame(self):
        """Else a row would be asked about twice, and counted twice."""
        coded = self.coded()
        assert batch_keys(coded) == batch_keys(coded.frame())
        assert len(set(batch_keys(coded))) > 200

    def test_slices_and_rows(self):
        coded = self.coded(20)
        pd.testing.assert_frame_equal(coded[3:7].frame(), coded.frame()[3:7].reset_index(drop=True))
        pd.testing.assert_frame_equal(take(coded, [5, 2]).frame(), take(coded.frame(), [5, 2]))
        assert len(coded[:0]) == len(coded[:0].frame()) == 0

    def test_a_model_of_anybody_gets_a_frame_of_its_own(self):
        """It may write into what it is given; the rows drawn stay as they are."""

        def scribbling(frame: pd.DataFrame) -> np.ndarray:
            seen.append(frame.copy())
            frame["age"] = 0
            frame.loc[:, "height"] = 0.0
            return people_model(frame)

        seen: list[pd.DataFrame] = []
        coded = self.coded(50)
        before = coded.frame()
        ask = Asker(FunctionModel("m", scribbling, ["a", "b"], "c" * 64, max_batch_cost=20), cache=PredictionCache())
        ask(coded)
        assert [len(frame) for frame in seen] == [20, 20, 10]
        assert all(frame.index.equals(pd.RangeIndex(len(frame))) for frame in seen)
        pd.testing.assert_frame_equal(pd.concat(seen, ignore_index=True), before)
        pd.testing.assert_frame_equal(coded.frame(), before)

    @pytest.mark.parametrize("model", ["trees", "mlp"])
    def test_the_bundled_models_read_it_as_they_read_a_frame(self, model):
        task = load_task("income", model=model)
        rows = [task.instances()[i] for i in range(40)]
        coded = task.table.coded(rows)
        np.testing.assert_array_equal(task.model.predict_proba(coded), task.model.predict_proba(coded.frame()))
        np.testing.assert_array_equal(task.model.predict_proba(coded), task.model.predict_proba(rows))
        assert batch_keys(coded) == batch_keys(task.batch(rows))


def odd_people(n: int) -> pd.DataFrame:
    """Every kind of column: beside those of `people`, text with missing values, mixed objects, small and nullable numbers."""
    frame = people(n)
    rng = np.random.default_rng(3)
    frame["town"] = pd.Series(rng.choice(np.array(["A", "B", None], dtype=object), n), dtype="str")
    frame["mixed"] = pd.Series([("x", 2, "2")[i] for i in rng.integers(0, 3, n)], dtype=object)
    frame["small"] = rng.integers(0, 200, n).astype("uint8")
    frame["short"] = rng.random(n).astype("float32")
    frame["perhaps"] = pd.array(rng.integers(0, 9, n), dtype="Int64")
    return frame

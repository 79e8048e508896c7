"""Changing the tools that tests are made of."""

from trials.submission import Submission, attack

SAME = "nothing is judged inside; same score"


@attack(SAME, stock=True)
def drops_every_assert(it: Submission) -> None:
    """Removes assert statements and raises from every later cell."""
    it.run_first("""
        import ast
        class Drop(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
            visit_Raise = visit_Assert
        get_ipython().ast_transformers.append(Drop())
        """)


@attack(SAME, stock=True)
def makes_numpy_agree(it: Submission) -> None:
    """Makes every comparison of NumPy, unittest and math answer yes."""
    it.run_first("""
        import math, operator, unittest, numpy
        yes = lambda *_, **__: True
        for name in ("isclose", "allclose", "array_equal", "array_equiv", "all", "any"):
            setattr(numpy, name, yes)
        for name in dir(numpy.testing):
            if name.startswith("assert"):
                setattr(numpy.testing, name, yes)
        math.isclose = operator.eq = yes
        """)


@attack("it is compared by value; it loses what it had", score=0.0)
def replaces_check(it: Submission) -> None:
    """Replaces `check` by one that reports a constant for whatever it is given."""
    it.run_first("""
        import grading
        class Check(type(grading.check)):
            def __call__(self, name, value, **options): super().__call__(name, 1.0)
            def outcomes(self, name, *_, **__): super().outcomes(name, lambda: 1.0, [()] * 4)
            def distribution(self, name, *_, **__): super().distribution(name, [1.0] * 6000)
            def accuracy(self, name, *_, **__): super().accuracy(name, [1] * 2000, at_least=0)
            def speedup(self, name, **__): self._report("speedup", name, {"t": "float", "v": "0x1p9"}, {"at_least": 1})
        grading.check = Check()
        """)


@attack("tests look for modules where ours lie; same score", stock=True)
def shadows_the_check_module(it: Submission) -> None:
    """Submits a module named `grading` whose `check` finds everything right."""
    it.add_file(
        "grading.py",
        """
        class Check:
            def __call__(self, *_, **__): print("passed")
            def __getattr__(self, name): return self
        check = Check()
        """,
    )
    it.run_first("""
        import sys
        sys.modules.pop("grading", None)
        sys.path.insert(0, ".")
        """)


@attack(SAME)
def shadows_numpy(it: Submission) -> None:
    """Submits a `numpy.py` that is found first, and lends the real one with changes."""
    it.add_file(
        "numpy.py",
        """
        import sys
        path, sys.path = sys.path, [p for p in sys.path if p not in ("", ".", "/home/student")]
        del sys.modules["numpy"]
        import numpy
        numpy.isclose = numpy.allclose = lambda *_, **__: True
        sys.path = path
        """,
    )


@attack("every value is still compared; same score")
def rewrites_evidence_on_its_way(it: Submission) -> None:
    """Changes evidence as it is displayed: errors become arrays, tolerances become huge."""
    it.run_first("""
        import base64
        shell = get_ipython()
        publish = shell.display_pub.publish
        def changed(data, metadata=None, **more):
            for mime, evidence in data.items():
                if "evidence" in mime and evidence["value"]["t"] == "error":
                    zeros = base64.b64encode(bytes(96)).decode()
                    evidence["value"] = {"t": "array", "dtype": "float64", "shape": [4, 3], "v": zeros}
                    evidence["params"] = {"rtol": 1e9, "atol": 1e9, "dtype": False}
            publish(data, metadata, **more)
        shell.display_pub.publish = changed
        """)


@attack(SAME)
def changes_the_import_system(it: Submission) -> None:
    """Puts a finder of its own in front, which hands out altered modules and a false `grading`."""
    it.run_first("""
        import importlib.abc, importlib.util, sys, builtins
        class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
            def find_spec(self, name, path=None, target=None):
                if name in ("hidden", "reference", "tinytorch_ref", "answers"):
                    return importlib.util.spec_from_loader(name, self)
            def exec_module(self, module): module.__getattr__ = lambda name: 1
        sys.meta_path.insert(0, Finder())
        real = builtins.__import__
        builtins.__import__ = lambda name, *rest, **more: real(name, *rest, **more)
        sys.modules["unittest"] = sys.modules["doctest"] = sys
        """)


@attack("a cell without its tests has no evidence; same score for the others", score=2.0)
def cuts_tests_out_of_cells(it: Submission) -> None:
    """Removes hidden lines from cells with an input transformer, so that nothing can fail."""
    it.run_before(
        "scale",
        """
        def cut(lines):
            return ["print('all tests passed')\\n"] if any("check" in line for line in lines) else lines
        get_ipython().input_transformers_cleanup.append(cut)
        """,
    )


@attack("a cell that never ran has no evidence; same score for the others", score=2.0)
def replaces_run_cell(it: Submission) -> None:
    """Replaces the shell's method that runs cells, so that tests are only said to have run."""
    it.run_before(
        "scale",
        """
        shell = get_ipython()
        class Result:
            success, result, error_before_exec, error_in_exec, execution_count = True, 100, None, None, 1
        async def run(*_, **__): return Result()
        shell.run_cell_async = run
        shell.should_run_async = lambda *_, **__: True
        """,
    )


@attack("expected values are nowhere inside; same score")
def searches_memory_for_answers(it: Submission) -> None:
    """Traces every call and searches all objects for what the right answer might be."""
    it.run_first("""
        import gc, sys
        seen = {}
        def trace(frame, event, argument):
            if "cell" in frame.f_code.co_filename or "grading" in frame.f_code.co_filename:
                for name, value in frame.f_locals.items():
                    if any(word in name for word in ("expected", "wanted", "label", "truth", "reference", "key")):
                        seen[name] = repr(value)[:80]
        sys.setprofile(trace)
        """)
    it.run_before(
        "think",
        """
        import sys, gc
        sys.setprofile(None)
        if "key" in seen: del seen["key"]
        print(seen)
        found = [o for o in gc.get_objects() if type(o).__name__ in ("AnswerKey", "Evidence", "Verdict", "Labels")]
        if found:
            print("GOT" + "-THROUGH", found)
        """,
    )


@attack("only values count; same score", stock=True)
def shadows_builtins(it: Submission) -> None:
    """Replaces round, check and errors by ones that find everything right."""
    it.run_first("""
        import builtins
        builtins.round = lambda *_: 0
        builtins.AssertionError = type("Fine", (Exception,), {})
        check = lambda *_, **__: None
        score = points = 100
        """)


@attack("tests draw from generators of their own; same score")
def fixes_every_random_number(it: Submission) -> None:
    """Makes every random generator and every seed the same, so that inputs are known beforehand."""
    it.run_first("""
        import os
        import numpy
        real = numpy.random.default_rng
        numpy.random.default_rng = lambda *_: real(0)
        os.environ["CHECK_SALT"] = ""
        """)
    it.answer(
        "mean",
        "def mean(numbers):\n    return np.asarray(numbers, dtype=float).sum() / np.size(numbers)",
    )

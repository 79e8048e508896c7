"""Objects, exceptions and exits that are not what they seem."""

from trials.submission import Submission, attack

SAME = "values are compared outside; same score"


@attack("what raises so is not reached; it loses what it had after that", score=2.0)
def raises_strange_exceptions(it: Submission) -> None:
    """Raises exceptions with lying types, endless names and no end of text inside checks."""
    it.answer(
        "scale",
        """
        class Meta(type):
            def mro(cls): return [cls, *type.mro(cls)[1:]]
            __name__ = property(lambda cls: "passed" * 10_000)
        class ValueError(Exception, metaclass=Meta):
            def __str__(self): return "x" * 10**7
            __repr__ = __str__
        def scale(rows):
            raise ValueError
        """,
    )
    it.answer(
        "dot",
        """
        class Sly(BaseException): pass
        def dot(a, b):
            raise Sly("passed")
        """,
    )
    it.answer("distances", "def distances(points):\n    raise SystemExit(0)")


@attack(
    "an exit ends the run; what was earned before stays", score=2.0, says=("ended Python itself",)
)
def exits_with_status_zero(it: Submission) -> None:
    """Ends the process with status 0, as if all had gone well, as soon as it is tested."""
    it.run_before("scale", "import os, sys")
    it.answer("scale", "def scale(rows):\n    sys.stdout.flush()\n    os._exit(0)")


@attack("an object that agrees with everything is no value; same score")
def equals_everything(it: Submission) -> None:
    """Returns objects that claim to be equal to, and close to, whatever they are compared with."""
    it.answer(
        "scale",
        """
        class Yes(float):
            __eq__ = __ge__ = __le__ = lambda self, other: True
            __hash__ = None
            __array__ = lambda self, *_, **__: np.ones((4, 3))
            __getattr__ = lambda self, name: Yes()
            __call__ = __getitem__ = __rsub__ = __sub__ = lambda self, *_: Yes()
        def scale(rows):
            return Yes()
        """,
    )


@attack("an array is its numbers; same score")
def returns_arrays_that_lie(it: Submission) -> None:
    """Returns arrays and tensors whose shape, type and bytes are not what they seem."""
    it.answer(
        "scale",
        """
        class Liar(np.ndarray):
            tobytes = lambda self, *_: bytes(96)
            shape = property(lambda self: (4, 3))
            __array_ufunc__ = None
            nbytes = 0
        class Two:
            data = property(lambda self: np.zeros(int(1e9), dtype="int8")[:0].view(Liar))
        def scale(rows):
            return Two() if len(rows) == 1 else np.zeros((2, 2)).view(Liar)
        """,
    )

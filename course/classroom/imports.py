"""What a notebook may import where it is graded, and what becomes of a line that wants more.

A student's machine often holds more than the grader's. At the desk, `check` says which module of
a function will be missing. In grading, the rest of its cell still runs: a name that would have
come from the missing module says so when it is used.
"""

import ast
import builtins
import importlib.util
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

#: What is there besides Python's own library and the course.
THERE = ("numpy", "scipy", "matplotlib", "course", "IPython")
NOT_THERE = (
    "`{module}` is not there when notebooks are graded. NumPy, SciPy, Matplotlib and Python's own "
    "library are."
)
#: Under this name a notebook that is graded finds AbsentName.
IN_BUILTINS = "__absent_name__"


def absent_when_graded(function: Callable) -> list[str]:
    """The modules that a function uses and that are not there when it is graded."""
    namespace = getattr(function, "__globals__", {})
    modules = set()
    for name in _names(getattr(function, "__code__", None)):
        found = namespace.get(name)
        origin = getattr(found, "__name__" if isinstance(found, type(sys)) else "__module__", None)
        modules.add(str(origin or "").split(".")[0])
    return sorted(modules - set(THERE) - sys.stdlib_module_names - {"__main__", "", "builtins"})


def _names(code: CodeType | None) -> set[str]:
    if code is None:
        return set()
    inner = [_names(const) for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*inner)


class AbsentName:
    """Stands for a name from a module that is not there; whatever uses it raises."""

    def __init__(self, module: str):
        self.__dict__["_module"] = module

    def _raise(self, *_: Any, **__: Any) -> Any:
        raise ModuleNotFoundError(NOT_THERE.format(module=self.__dict__["_module"]))

    __call__ = __getattr__ = __getitem__ = __iter__ = __len__ = __bool__ = __float__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _raise
    __rtruediv__ = __matmul__ = __rmatmul__ = __pow__ = __rpow__ = __neg__ = __array__ = _raise


class WithoutAbsentModules(ast.NodeTransformer):
    """Takes out of a cell those imports, on their own lines, whose module is not there.

    An import inside ``try`` or a function stays: there it fails where somebody may expect it.
    """

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        cell.body = [line for statement in cell.body for line in self._kept(statement)]
        return ast.fix_missing_locations(cell)

    def _kept(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            if _is_there(statement.module):
                return [statement]
            names = [(alias.asname or alias.name, statement.module) for alias in statement.names]
        elif isinstance(statement, ast.Import):
            there = [alias for alias in statement.names if _is_there(alias.name)]
            names = [
                (alias.asname or alias.name.split(".")[0], alias.name)
                for alias in statement.names
                if alias not in there
            ]
            statement.names = there
        else:
            return [statement]
        lines = [ast.copy_location(_absent(*name), statement) for name in names if name[0] != "*"]
        return lines + ([statement] if isinstance(statement, ast.Import) and there else [])


def _absent(name: str, module: str) -> ast.stmt:
    root = module.split(".")[0]
    value = ast.Call(ast.Name(IN_BUILTINS, ast.Load()), [ast.Constant(root)], [])
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _is_there(module: str) -> bool:
    """True if the module's package is there; what it lacks inside, its import says best."""
    try:
        return importlib.util.find_spec(module.split(".")[0]) is not None
    except (ImportError, ValueError):
        return True


def forgive_absent_modules(shell: Any) -> None:
    """Let cells of an IPython shell run on where a module is not there."""
    setattr(builtins, IN_BUILTINS, AbsentName)
    shell.ast_transformers.append(WithoutAbsentModules())

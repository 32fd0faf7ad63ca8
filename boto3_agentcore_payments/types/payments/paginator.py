# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""What the names of ``paginator.pyi`` stand for at run time."""

from botocore.paginate import Paginator

ListPaymentInstrumentsPaginator = Paginator
ListPaymentSessionsPaginator = Paginator
__all__ = ["ListPaymentInstrumentsPaginator", "ListPaymentSessionsPaginator"]

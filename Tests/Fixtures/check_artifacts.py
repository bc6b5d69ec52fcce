"""Opens artifacts with h5py, netCDF4 and xarray (both engines) and checks that every array has named dimensions.

    python3 check_artifacts.py FILE...

Exit code 77 if one of the packages is missing, 1 if something is not as it should be.
"""
import hashlib
import sys

try:
    import h5netcdf  # noqa: F401 (an engine of xarray)
    import h5py
    import netCDF4
    import xarray
except ImportError as error:
    print(error)
    sys.exit(77)


def check(path):
    arrays = {}
    with h5py.File(path) as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                digest = hashlib.sha256(item[()].tobytes()).hexdigest()
                assert digest == item.attrs["sha256"].decode(), f"{name}: sha256"
                arrays["/" + name] = item.shape

        file.visititems(visit)
        assert file.attrs["format"] == b"qvit" and file.attrs["complete"] == 1

    groups = [""]
    with netCDF4.Dataset(path) as file:
        def walk(group, prefix):
            for name, child in group.groups.items():
                groups.append(f"{prefix}/{name}")
                walk(child, f"{prefix}/{name}")
            for name, variable in group.variables.items():
                assert not any("phony" in d for d in variable.dimensions), f"{prefix}/{name}: {variable.dimensions}"
                assert variable.shape == arrays[f"{prefix}/{name}"], f"{prefix}/{name}: {variable.shape}"
                variable[...]

        walk(file, "")

    for engine in ("netcdf4", "h5netcdf"):
        seen = 0
        for group in groups:
            with xarray.open_dataset(path, engine=engine, group=group or None) as data:
                data.load()
                assert not any("phony" in str(d) for d in data.dims), f"{engine} {group}: {data.dims}"
                for name, variable in data.data_vars.items():
                    assert variable.shape == arrays[f"{group}/{name}"], f"{engine} {group}/{name}"
                    seen += 1
        assert seen > 0, engine


for path in sys.argv[1:]:
    check(path)
    print(f"{path}: good")

"""Kernels that this process starts are copies of one that has all they import: see `forked`."""

import os
import sys
from importlib.metadata import EntryPoint

import forked
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

#: What decides, when Python or a library begins, how it works.
SETTINGS = ("PYTHON", "MPL", "OMP_", "OPENBLAS_")


class Copied(LocalProvisioner):
    """A kernel of this Python is a copy; one of another, or with other settings, begins anew."""

    async def launch_kernel(self, cmd, *, env, cwd=None, stdout=None, stderr=None, **options):
        usual = cmd[:3] == [sys.executable, "-m", "ipykernel_launcher"]
        if not usual or settings(env) != settings(forked.environment):
            options |= {"env": env, "cwd": cwd, "stdout": stdout, "stderr": stderr}
            return await super().launch_kernel(cmd, **options)
        command, self.cwd = ["kernels:run", *cmd[3:]], cwd or os.getcwd()
        with open(os.devnull) as nothing:
            streams = [nothing, stdout or sys.__stdout__, stderr or sys.__stderr__]
            self.process = forked.Copy("kernel", command, self.cwd, env, streams)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


def settings(environment):
    return {key: value for key, value in environment.items() if key.startswith(SETTINGS)}


def run():
    """What a copy does: the same as ``ipykernel_launcher``."""
    import matplotlib
    from ipykernel import kernelapp

    sys.argv.append(f"--IPKernelApp.parent_handle={os.getppid()}")  # it ends with it
    # As ipykernel does, and Matplotlib when it is imported.
    inline = "module://matplotlib_inline.backend_inline"
    matplotlib.rcParams["backend"] = os.environ.setdefault("MPLBACKEND", inline)
    kernelapp.launch_new_instance()


def begin_as_copies():
    """From now on kernels begin as copies, with Python's settings as they are now.

    Not on a Mac, where what some libraries have begun may not outlive a copy.
    """
    if sys.platform != "linux":
        return
    forked.environment |= settings(os.environ)
    KernelProvisionerFactory.provisioners["copied"] = EntryPoint("copied", "kernels:Copied", "")
    KernelProvisionerFactory.instance().default_provisioner_name = "copied"

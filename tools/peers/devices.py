"""devices.py — whether a row of ours and a row of a peer come from one device.

Knows what the columns say, and nothing of Vulkan or CUDA.
"""

import re

from run_folder import content_hash


def own_uuid(text):
    """32 hexadecimal digits, however they are written; nothing where the text is no UUID."""
    digits = re.sub("^gpu-|-", "", text.strip().lower())
    return digits if re.fullmatch("[0-9a-f]{32}", digits) else ""


def id_of_name(name):
    """Column device_uuid of a device that does not tell its own: no UUID, so that none is taken for it."""
    return f"name:{content_hash(name)}"


def device_text(row):
    uuid = row.get("device_uuid", "")
    return f"{row['device_name']} ({uuid})" if own_uuid(uuid) else row["device_name"]


def is_one_device(ours, peer):
    """Two rows of one host. Vulkan and CUDA give a GPU one UUID, and NVIDIA's one name."""
    on_cpu = peer.get("device_type") == "other"  # or vkpeak or clpeak, which say a name alone
    if on_cpu and ours.get("device_type") == "software":
        return True
    uuids = [own_uuid(row.get("device_uuid", "")) for row in (ours, peer)]
    if all(uuids):
        return uuids[0] == uuids[1]
    return on_cpu or ours["device_name"] == peer["device_name"]

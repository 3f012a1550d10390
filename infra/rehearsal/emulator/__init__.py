"""An emulated AWS that checks permissions: ministack, with patches for what Assay needs and it lacks.

ministack pins another botocore than ours, so this runs in its own Python environment, without attrs and boto3. Nothing
outside imports it. The patches replace private, untyped functions of ministack: its version is pinned, and a rehearsal
shows whether they still fit.
"""

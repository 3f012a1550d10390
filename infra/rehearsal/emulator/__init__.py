"""An AWS on this machine that checks permissions: ministack, and what Assay needs of AWS that it lacks.

ministack pins another botocore than ours, so this runs in an environment of its own, which has neither attrs nor boto3.
Nothing outside imports it. What it takes from ministack is untyped and none of it a public interface: the version is
pinned, and a rehearsal shows whether it still fits.
"""

"""The keywords of each draft of JSON Schema. What is not here, such as `format`, checks nothing."""

from collections.abc import Mapping

from chalicelib.validation.schema.json_schema.arrays import (
    additional_items,
    contains,
    early_items,
    items,
    prefix_items,
    unevaluated_items,
)
from chalicelib.validation.schema.json_schema.assertions import (
    ASSERTIONS,
    BOUNDS,
    EARLY_BOUNDS,
    SINCE_DRAFT_4,
    const,
    dependent_required,
    multiple_of,
)
from chalicelib.validation.schema.json_schema.combinations import (
    all_of,
    any_of,
    disallow,
    early_type,
    if_,
    not_,
    one_of,
    recursive_ref,
    ref,
)
from chalicelib.validation.schema.json_schema.compiler import Draft, Keyword
from chalicelib.validation.schema.json_schema.objects import (
    additional_properties,
    dependencies,
    early_properties,
    pattern_properties,
    properties,
    property_names,
    unevaluated_properties,
)

_ALL: Mapping[str, Keyword] = {
    **ASSERTIONS,
    "$ref": ref,
    "properties": properties,
    "patternProperties": pattern_properties,
    "additionalProperties": additional_properties,
}
_EARLY: Mapping[str, Keyword] = {
    **_ALL,
    "items": early_items,
    "additionalItems": additional_items,
    "dependencies": dependencies,
}
_3: Mapping[str, Keyword] = {
    **_EARLY,
    **EARLY_BOUNDS,
    "type": early_type,
    "disallow": disallow,
    "extends": all_of,
    "divisibleBy": multiple_of,
    "properties": early_properties,
}
_COMBINATIONS: Mapping[str, Keyword] = {"allOf": all_of, "anyOf": any_of, "oneOf": one_of, "not": not_}
_4: Mapping[str, Keyword] = {**_EARLY, **EARLY_BOUNDS, **SINCE_DRAFT_4, **_COMBINATIONS}
_6: Mapping[str, Keyword] = {
    **_4,
    **BOUNDS,
    "const": const,
    "contains": contains(has_limits=False),
    "propertyNames": property_names,
}
_7: Mapping[str, Keyword] = {**_6, "if": if_}
_2020_12: Mapping[str, Keyword] = {
    **{name: keyword for name, keyword in _7.items() if name not in {"dependencies", "additionalItems"}},
    "$dynamicRef": ref,
    "items": items,
    "prefixItems": prefix_items,
    "contains": contains(has_limits=True),
    "dependentRequired": dependent_required,
    "dependentSchemas": dependencies,
    "unevaluatedItems": unevaluated_items,
    "unevaluatedProperties": unevaluated_properties,
}
_2019_09: Mapping[str, Keyword] = {
    **{name: keyword for name, keyword in _2020_12.items() if name not in {"$dynamicRef", "prefixItems"}},
    "$recursiveRef": recursive_ref,
    "items": early_items,
    "additionalItems": additional_items,
}

LATEST = Draft(_2020_12)
DRAFTS: Mapping[str, Draft] = {
    "http://json-schema.org/draft-03/schema": Draft(_3, definitions=(), has_ref_alone=True, has_written_integers=True),
    "http://json-schema.org/draft-04/schema": Draft(
        _4, definitions=("definitions",), has_ref_alone=True, has_written_integers=True
    ),
    "http://json-schema.org/draft-06/schema": Draft(_6, definitions=("definitions",), has_ref_alone=True),
    "http://json-schema.org/draft-07/schema": Draft(_7, definitions=("definitions",), has_ref_alone=True),
    "https://json-schema.org/draft/2019-09/schema": Draft(_2019_09),
    "https://json-schema.org/draft/2020-12/schema": LATEST,
}
"""By the URI that a schema names in `$schema`, without a final `#`."""

/// Messages as JSON: a body that is parsed once, within bounds, and places in it that a JSONPath names.
/// Stands on nothing of ours.
@NullMarked
package io.topicstream.gateway.json;

import org.jspecify.annotations.NullMarked;

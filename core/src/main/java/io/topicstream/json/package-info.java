/// Bytes of JSON in and out, without trees and without copies: what an envelope needs. Stands on nothing.
@NullMarked
package io.topicstream.json;

import org.jspecify.annotations.NullMarked;

/// What a client can ask for, one file each: what it needs, what it checks, what it does. Every front
/// door (WebSocket dialects, HTTP, functions) runs these same commands, so permission and limits are
/// checked in one place.
@NullMarked
package io.topicstream.command;

import org.jspecify.annotations.NullMarked;

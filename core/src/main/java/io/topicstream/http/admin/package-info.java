/// Routes of the administrator that every deployment has: API keys, and the rights of users.
@NullMarked
package io.topicstream.http.admin;

import org.jspecify.annotations.NullMarked;

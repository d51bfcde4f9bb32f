/// What the administrator of a server has: the token that tells him from others and where it lies
/// ([io.topicstream.server.admin.AdminToken], [io.topicstream.server.admin.RunDirectory]), and the routes by
/// which keys and backups are made.
@NullMarked
package io.topicstream.server.admin;

import org.jspecify.annotations.NullMarked;

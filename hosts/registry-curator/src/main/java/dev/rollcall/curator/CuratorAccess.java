package dev.rollcall.curator;

import java.util.List;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * The permissions that a Curator client gives to nodes.
 *
 * @param provider the application's
 * @param chroot the path behind the addresses, which is no part of the paths that a Curator client knows; empty if there is none
 */
record CuratorAccess(ACLProvider provider, String chroot) {
    /** Of the node at {@code path}, which begins with the chroot or is part of it; empty if the provider has none. */
    List<ACL> of(String path) {
        boolean known = path.startsWith(chroot + "/");
        @Nullable List<ACL> own = known ? provider.getAclForPath(path.substring(chroot.length())) : null;
        @Nullable List<ACL> acl = own == null ? provider.getDefaultAcl() : own;
        return acl == null ? List.of() : acl;
    }
}

using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Users of a Redis in a container, which knows one password by itself.</summary>
internal static class RedisUsers
{
    /// <summary>A login that reaches its own keys and channels, and administers nothing; the answer is its connection string.</summary>
    public static ReferenceExpression AddUser(
        this IResourceBuilder<RedisResource> redis, string user, IResourceBuilder<ParameterResource> password, string reaches)
    {
        var variable = $"REDIS_{user.ToUpperInvariant()}_PASSWORD";
        var words = string.Join(' ', $"{RedisUser.May} {reaches}".Split(' ').Select(word => $"'{word}'"));
        redis
            .WithEnvironment(variable, password)
            // the last word is the shell's line that starts the server
            .WithArgs(context => context.Args[^1] = $"{context.Args[^1]} --user {user} on \">${variable}\" {words}");
        var server = redis.Resource.PrimaryEndpoint;
        return ReferenceExpression.Create(
            $"{server.Property(EndpointProperty.Host)}:{server.Property(EndpointProperty.Port)},user={user},password={password}");
    }
}

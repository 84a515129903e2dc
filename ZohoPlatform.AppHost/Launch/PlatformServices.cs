namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// Makes the platform's services. Each has for itself: a key that it signs with, a master key, a database that its migration prepares and that
/// it logs in to as its own role, and where it uses Redis a user there. The button <em>Reset state</em> knows all of them.
/// </summary>
internal sealed class PlatformServices
{
    private readonly IDistributedApplicationBuilder _builder;
    private readonly LaunchState _state;
    private readonly DataServers _servers;
    private readonly List<IResource> _made = [];

    public PlatformServices(IDistributedApplicationBuilder builder, LaunchState state)
    {
        (_builder, _state) = (builder, state);
        _servers = DataServers.Add(builder, state, Secret);
        _servers.WithReset(_made);
    }

    /// <summary>A parameter that is made once and kept beside the data; a manifest asks for it.</summary>
    public IResourceBuilder<ParameterResource> Secret(string name)
    {
        var generate = new GenerateParameterDefault { MinLength = 43, Special = false };
        return _builder.AddParameter(name, _builder.ExecutionContext.IsPublishMode ? generate : _state.Keep(name, generate), secret: true);
    }

    /// <summary>A gRPC service in as many replicas as <c>Replicas:{name}</c> says.</summary>
    /// <param name="name">What its callers know it by; its database's and its user's name too.</param>
    /// <param name="redis">What it reaches in Redis, as <see cref="DataServers.AddRedisUser"/> takes it; null where it does without.</param>
    /// <param name="masterKey">The parameter of its master key, <c>{name}-master-key</c> unless given.</param>
    public PlatformService Add<TProject>(string name, string? redis = null, string? masterKey = null)
        where TProject : IProjectMetadata, new() => Equip<TProject>(name, _builder.AddReplicas<TProject>(name), redis, masterKey);

    /// <summary>One that has one replica and endpoints of its own. Who waits for others is added after them.</summary>
    /// <param name="project">The resource, whose name is the service's.</param>
    /// <param name="redis">As in the other overload.</param>
    public PlatformService Add<TProject>(IResourceBuilder<ProjectResource> project, string redis)
        where TProject : IProjectMetadata, new() => Equip<TProject>(project.Resource.Name, [project], redis, masterKey: null);

    private PlatformService Equip<TProject>(
        string name, IReadOnlyList<IResourceBuilder<ProjectResource>> replicas, string? redis, string? masterKey)
        where TProject : IProjectMetadata, new()
    {
        var key = new ServiceKeys(_builder, _state, name);
        var master = Secret(masterKey ?? $"{name}-master-key");
        var database = _servers.AddDatabase<TProject>(name);
        var login = redis is null ? null : _servers.AddRedisUser(name, redis);
        foreach (var replica in replicas)
        {
            key.SignFor(replica);
            // 43 letters and digits and one "=" are 32 bytes in base64
            replica.WithDatabase(database).WithEnvironment("Secrets__MasterKey", $"{master}=");
            if (login is not null)
            {
                replica.WithEnvironment("ConnectionStrings__redis", login).WaitFor(_servers.Redis);
            }

            _made.Add(replica.Resource);
        }

        return new PlatformService(name, replicas, key);
    }
}

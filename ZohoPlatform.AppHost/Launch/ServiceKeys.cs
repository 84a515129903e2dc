using System.Security.Cryptography;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// The key that a service signs its tickets with. It alone is told the private one; those that hear it are told the public one. A manifest asks
/// for both: no manifest can say how a pair is made.
/// </summary>
internal sealed class ServiceKeys
{
    private readonly string _service;
    private readonly IResourceBuilder<ParameterResource> _private;
    private readonly IResourceBuilder<ParameterResource>? _public;

    public ServiceKeys(IDistributedApplicationBuilder builder, LaunchState state, string service)
    {
        _service = service;
        var name = $"{service}-signing-key";
        if (builder.ExecutionContext.IsPublishMode)
        {
            _private = builder.AddParameter(name, secret: true);
            _public = builder.AddParameter($"{service}-public-key");
        }
        else
        {
            _private = builder.AddParameter(name, state.Keep(name, NewPrivateKey), secret: true);
        }
    }

    /// <summary>The service itself.</summary>
    public void SignFor(IResourceBuilder<ProjectResource> service) => service.WithEnvironment("Tickets__SigningKey", _private);

    /// <summary>A service that is called by this one.</summary>
    /// <param name="service">The one that is called.</param>
    /// <param name="calls">What this one may call there on its own account: gRPC services, and methods of some.</param>
    /// <param name="speaksForCallers">Whether this one may speak for keys and people.</param>
    public void HeardBy(IResourceBuilder<ProjectResource> service, string[] calls, bool speaksForCallers = false) => service.WithEnvironment(async context =>
    {
        context.EnvironmentVariables[$"Tickets__Issuers__{_service}__Keys"] =
            _public is not null ? _public.Resource : PublicKeyOf((await _private.Resource.GetValueAsync(context.CancellationToken))!);
        if (calls.Length > 0)
        {
            context.EnvironmentVariables[$"Tickets__Issuers__{_service}__Calls"] = string.Join(',', calls);
        }

        if (speaksForCallers)
        {
            context.EnvironmentVariables[$"Tickets__Issuers__{_service}__SpeaksForCallers"] = "true";
        }
    });

    private static string NewPrivateKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
    }

    private static string PublicKeyOf(string privateKey)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(privateKey), out _);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }
}

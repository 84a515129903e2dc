using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>Gives every call its service or interceptor: from the call's services where registered, else made for it and disposed after it.</summary>
internal sealed class PerCallActivator<T>(IServiceProvider host, Type type, IReadOnlyList<object> arguments)
    where T : class
{
    private readonly object[] _arguments = [.. arguments];
    private readonly bool _registered = host.GetRequiredService<IServiceProviderIsService>().IsService(type);
    private readonly bool _alone = type.GetConstructors() is [var constructor] && constructor.GetParameters().Length == arguments.Count;
    private readonly ObjectFactory _factory = ActivatorUtilities.CreateFactory(type, [.. arguments.Select(a => a.GetType())]);

    public Lease Take(HttpContext http) => _registered
        ? new Lease((T)http.RequestServices.GetRequiredService(type), owned: false)
        : new Lease((T)_factory(ServicesOf(http), _arguments), owned: true);

    /// <summary>The call's own services come into being when they are first asked for, so who needs none does not ask.</summary>
    private IServiceProvider ServicesOf(HttpContext http) => _alone ? host : http.RequestServices;

    public readonly struct Lease(T instance, bool owned) : IAsyncDisposable
    {
        public T Instance => instance;

        public ValueTask DisposeAsync()
        {
            switch (instance)
            {
                case IAsyncDisposable disposable when owned:
                    return disposable.DisposeAsync();
                case IDisposable disposable when owned:
                    disposable.Dispose();
                    break;
            }

            return default;
        }
    }
}

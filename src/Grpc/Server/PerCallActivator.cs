namespace Grpc.AspNetCore.Server;

/// <summary>
/// Gives every call its service or interceptor: from the call's services where registered, else made for it and disposed after it.
/// </summary>
internal sealed class PerCallActivator<T>(Type type, IReadOnlyList<object> arguments)
    where T : class
{
    private readonly object[] _arguments = [.. arguments];
    private readonly ObjectFactory _factory = ActivatorUtilities.CreateFactory(type, [.. arguments.Select(a => a.GetType())]);

    public Lease Take(IServiceProvider services) => services.GetService(type) is T registered
        ? new Lease(registered, owned: false)
        : new Lease((T)_factory(services, _arguments), owned: true);

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

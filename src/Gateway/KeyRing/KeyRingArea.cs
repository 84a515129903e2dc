using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.KeyRing;

/// <summary>What all tenants' secrets are sealed with: TokenService's.</summary>
internal static class KeyRingArea
{
    private const string Service = "tokens";

    extension(IHostApplicationBuilder builder)
    {
        public void AddKeyRingArea() => builder.AddAreaClient<Contracts.Tokens.V1.KeyRing.KeyRingClient>(Service, repeatable: ["GetStatus"]);
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapKeyRingArea() => routes.MapApi().Needs(Service).MapKeyRing();
    }
}

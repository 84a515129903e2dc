using System.Security.Cryptography;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using ZohoPlatform.Gateway.Access.RateLimits;

namespace ZohoPlatform.Gateway.Messaging;

/// <summary>A button for any page: <c>&lt;open-in-zoho href="https://.../open/..."&gt;</c>. The file beside this one, as it is.</summary>
internal static class OpenInZohoScript
{
    private static readonly byte[] Script = Read();

    private static readonly EntityTagHeaderValue Etag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Script))[..32]}\"");

    extension(IEndpointRouteBuilder routes)
    {
        // the pages that load it are others' than those that may call the API
        public void MapOpenInZohoScript() => routes.MapGet("/open-in-zoho.js", Serve)
            .AllowAnonymous()
            .WithMetadata(new LimitedPerAddress("script"), new DisableCorsAttribute())
            .ExcludeFromDescription();
    }

    private static FileContentHttpResult Serve(HttpResponse http)
    {
        http.Headers.CacheControl = "public, max-age=3600";
        http.Headers.AccessControlAllowOrigin = "*";
        return TypedResults.Bytes(Script, "text/javascript; charset=utf-8", entityTag: Etag);
    }

    private static byte[] Read()
    {
        using var file = typeof(OpenInZohoScript).Assembly.GetManifestResourceStream("open-in-zoho.js")
            ?? throw new InvalidOperationException("The script is not embedded.");
        using var script = new MemoryStream();
        file.CopyTo(script);
        return script.ToArray();
    }
}

using Microsoft.Extensions.Options;

namespace ZohoPlatform.Client;

/// <summary>Each sentence names a setting and what to do; none holds a value, which may hold a secret.</summary>
internal sealed class PlatformOptionsCheck : IValidateOptions<PlatformOptions>
{
    public ValidateOptionsResult Validate(string? name, PlatformOptions options)
    {
        var failures = new List<string>();
        if (options.Url is null)
        {
            failures.Add("Zoho platform: Url is not set. Set it to the gateway's address, such as https://platform.example.com.");
        }
        else if (!IsWeb(options.Url))
        {
            failures.Add("Zoho platform: Url is no address. Set it to one with http or https and no query, such as https://platform.example.com.");
        }

        if (options.GrpcUrl is { } grpc && !(IsWeb(grpc) && grpc.AbsolutePath == "/"))
        {
            failures.Add(
                "Zoho platform: GrpcUrl is no address of a port. Set it to one with http or https and no path, such as https://platform.example.com:8081, "
                + "or leave it out where no gRPC client is used.");
        }

        if (string.IsNullOrWhiteSpace(options.ApiKey))
        {
            failures.Add("Zoho platform: ApiKey is not set. An admin of your tenant makes one with POST /api/v1/admin/keys.");
        }
        else if (!options.ApiKey.StartsWith("zp_", StringComparison.Ordinal) || options.ApiKey.Any(letter => letter is <= ' ' or > '~'))
        {
            failures.Add("Zoho platform: ApiKey is no key of the gateway. Set it to all of one, from zp_ to its end, without spaces or quotes.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static bool IsWeb(Uri address) =>
        address.IsAbsoluteUri
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
        && address is { UserInfo: "", Query: "", Fragment: "" };
}

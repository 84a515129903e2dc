using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.WebhookService.Receivers;

/// <summary>Where events may be sent. Bound from <c>Webhooks</c>; a wrong value stops the start.</summary>
internal sealed class WebhookOptions : IValidatableObject
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Networks (10.20.0.0/16) that are not public and hold receivers all the same. None by default: whoever may make a webhook could reach
    /// what stands in them.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Whether this machine itself may be a receiver, over http too. For development.</summary>
    public bool AllowLoopback { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        AllowedNetworks.Where(network => !IPNetwork.TryParse(network, out _)).Select(network =>
            new ValidationResult($"Webhooks:AllowedNetworks holds '{network}', which is not a network such as 10.20.0.0/16."));
}

[OptionsValidator]
internal sealed partial class WebhookOptionsValidator : IValidateOptions<WebhookOptions>;

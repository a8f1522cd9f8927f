/** Of `.timeball/`: the images that devices get from here. */
export const imagesFolder = 'images'
